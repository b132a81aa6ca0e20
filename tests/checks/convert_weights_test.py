#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/convert_weights.py with real pickles. Needs torch (else exit code 77); what writes safetensors is a double, for LibTorch's wheel comes without."""
import argparse
import contextlib
import io
import os
import sys
import tempfile
import types
import unittest
import unittest.mock
from pathlib import Path

try:
    import torch
except ImportError:
    sys.exit(77)

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


def write_names(tensors, path, metadata):
    """In the place of safetensors.torch.save_file."""
    torch.save({"tensors": tensors, "metadata": metadata}, path)


sys.path.insert(0, str(SCRIPTS))
with unittest.mock.patch.dict(sys.modules, {"safetensors": types.ModuleType("safetensors"), "safetensors.torch": types.SimpleNamespace(save_file=write_names)}):
    import convert_weights  # noqa: E402


class Convert(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.source, self.target = Path(folder.name, "weights.pth"), Path(folder.name, "model.pt")

    def run_it(self, content, *options):
        """The tensors that were written, by name."""
        torch.save(content, self.source)
        words = ["convert_weights.py", str(self.source), str(self.target), *options]
        with unittest.mock.patch.object(sys, "argv", words), contextlib.redirect_stdout(io.StringIO()) as said:
            convert_weights.main()
        self.assertIn(convert_weights.sha256(self.target), said.getvalue())
        return torch.load(self.target, weights_only=True)["tensors"]

    def refusal(self, content, *options):
        """What it says where it writes nothing."""
        with self.assertRaises(SystemExit) as ended:
            self.run_it(content, *options)
        self.assertFalse(self.target.exists())
        return ended.exception.code

    def test_cuts_prefixes_in_the_order_given(self):
        found = self.run_it({"module.backbone.a": torch.ones(2), "backbone.b": torch.zeros(3), "head": torch.ones(1)}, "--strip", "module.", "--strip", "backbone.")
        self.assertEqual({name: list(value.shape) for name, value in found.items()}, {"a": [2], "b": [3], "head": [1]})

    def test_refuses_two_tensors_that_would_have_one_name(self):
        said = self.refusal({"module.norm": torch.ones(2), "norm": torch.zeros(2)}, "--strip", "module.")
        self.assertIn("module.norm and norm would both be named norm: leave out the --strip", said)


if __name__ == "__main__":
    unittest.main()
