#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/convert_weights.py with real pickles. Needs torch (else exit code 77); what writes safetensors is a double, for LibTorch's wheel comes without."""
import argparse
import contextlib
import io
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


class Runs:
    """Makes a file when it is unpickled without care."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


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

    def test_reads_a_checkpoint_of_dino_with_the_options_of_its_run(self):
        teacher = {"module.backbone.weight": torch.arange(6.0).view(2, 3), "module.backbone.bias": torch.ones(2), "module.head.weight": torch.ones(4, 2)}
        moments = {0: {"step": torch.tensor(1.0), "exp_avg": torch.zeros(2, 3)}}
        optimizer = {"state": moments, "param_groups": [{"lr": 5e-4, "betas": (0.9, 0.999), "foreach": None, "params": [0]}]}
        options = argparse.Namespace(arch="vit_small", patch_size=16, lr=5e-4, local_crops_scale=(0.05, 0.4), use_fp16=True, output_dir="/data/run")
        found = self.run_it({"student": {name: value + 1 for name, value in teacher.items()}, "teacher": teacher, "optimizer": optimizer, "epoch": 100,
                             "args": options, "dino_loss": {"center": torch.zeros(1, 4)}, "fp16_scaler": {"scale": 65536.0, "_growth_tracker": 12}},
                            "--key", "teacher", "--strip", "module.", "--strip", "backbone.")
        self.assertEqual(sorted(found), ["bias", "head.weight", "weight"])
        self.assertTrue(torch.equal(found["weight"], teacher["module.backbone.weight"]))

    def test_runs_nothing_that_a_file_holds(self):
        ran = self.target.with_name("ran")
        said = self.refusal({"teacher": {"a": torch.ones(1)}, "args": argparse.Namespace(hook=Runs(ran))}, "--key", "teacher")
        self.assertIn('save its weights alone: torch.save(checkpoint["teacher"], NEW)', said)
        self.assertFalse(ran.exists())

    def test_names_the_entries_where_the_one_asked_for_is_not_there(self):
        self.assertIn("no entry state_dict; the file holds student, teacher", self.refusal({"student": {}, "teacher": {}}, "--key", "state_dict"))
        self.assertIn("no entry teacher; the file holds a list", self.refusal([], "--key", "teacher"))
        self.assertIn("with --key", self.refusal({"teacher": {"a": torch.ones(1)}}))


if __name__ == "__main__":
    unittest.main()
