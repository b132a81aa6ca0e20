#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Exports, imports and saved patches of the real program, read by h5py and NumPy as TRIDENT, CLAM and QuPath would.

usage: interchange_test.py PROGRAM REPOSITORY
"""
import csv
import json
import subprocess
import sys
import tempfile
import unittest
import uuid
from pathlib import Path

import h5py
import numpy as np

PROGRAM, REPOSITORY = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
MODEL = REPOSITORY / "demo/model/atlas-clippath-small"
SLIDES = ("lung-scc-HE2-2048", "breast-ilc-HE-2048")
# TRIDENT's own attributes of `coords`, and those that we add.
TRIDENT = {"patch_size", "patch_size_level0", "level0_magnification", "target_magnification", "overlap", "name", "savetodir",
           "level0_width", "level0_height"}
OURS = {"mpp", "mpp_source", "slide_sha256", "model_sha256", "stain_id", "pipeline", "case_id", "caption"}


def run(*arguments, code=0):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode != code:
        raise AssertionError(f"{arguments}: exit code {done.returncode}, not {code}\n{done.stderr}")
    return done


def stored(data):
    """What a data folder holds: vectors by patch id."""
    with tempfile.TemporaryDirectory() as out:
        run("store", "export", "--data", data, "--out", out, "--format", "npy", "--quiet")
        ids = [json.loads(line)["id"] for line in (Path(out) / "ids.jsonl").read_text().splitlines()]
        return dict(zip(ids, np.load(Path(out) / "vectors.npy"), strict=True))


def hits(data):
    answer = json.loads(run("search", "--data", data, "--text", "lobular carcinoma", "-k", 20, "--json").stdout)
    return [(hit["id"], round(hit["similarity"], 3)) for hit in answer["hits"]]


class Interchange(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = Path(cls.folder.name)
        cls.data, cls.saved = cls.root / "data", cls.root / "saved"
        (cls.root / "slides.csv").write_text("slide,path,case,caption,organ\n" + "".join(
            f"{name},{REPOSITORY}/demo/slides/{name}.svs,case of {name},\"Caption, quoted\",lung\n" for name in SLIDES))
        run("index", cls.root / "slides.csv", "--data", cls.data, "--model", MODEL, "--um", "256,512", "--save-patches", cls.saved)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def export(self, form):
        out = self.root / form
        summary = json.loads(run("store", "export", "--data", self.data, "--out", out, "--format", form, "--json").stdout)
        self.assertEqual(sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()), sorted(summary["files"]))
        return out

    def test_trident_files_have_tridents_layout(self):
        out, vectors, seen = self.export("trident"), stored(self.data), 0
        for field in ("256um", "512um"):
            for slide in SLIDES:
                features = out / field / "features_atlas-clippath-small" / f"{slide}.h5"
                with h5py.File(features, "r") as file, h5py.File(out / field / "patches" / f"{slide}_patches.h5", "r") as places:
                    self.assertEqual(set(file), {"features", "coords"})
                    self.assertEqual(set(places), {"coords"})
                    coords, attributes = file["coords"], dict(file["coords"].attrs)
                    self.assertEqual((coords.dtype, coords.chunks, coords.maxshape), (np.int64, (1, 2), (None, 2)))
                    self.assertEqual(file["features"].dtype, np.float32)
                    self.assertEqual(file["features"].maxshape, (None, 256))
                    self.assertEqual(set(attributes), TRIDENT | OURS)
                    self.assertEqual(attributes, dict(places["coords"].attrs))
                    extent = attributes["patch_size"] * attributes["level0_magnification"] // attributes["target_magnification"]
                    self.assertEqual(attributes["patch_size_level0"], extent)
                    self.assertAlmostEqual(extent * attributes["mpp"], float(field[:-2]), delta=attributes["mpp"])
                    self.assertEqual((attributes["name"], attributes["case_id"]), (slide, f"case of {slide}"))
                    self.assertEqual(json.loads(attributes["pipeline"])["field_of_view"], f"{field[:-2]} um")
                    np.testing.assert_array_equal(coords[:], places["coords"][:])
                    for (x, y), vector in zip(coords[:], file["features"][:], strict=True):
                        np.testing.assert_array_equal(vector, vectors[f"{slide}~{x}_{y}_{extent}"])
                        seen += 1
        self.assertEqual(seen, len(vectors))

    def test_clam_files_have_clams_layout(self):
        out = self.export("clam")
        with h5py.File(out / "512um/h5_files" / f"{SLIDES[0]}.h5", "r") as file:
            self.assertEqual(file["features"].shape, (len(file["coords"]), 256))
        with h5py.File(out / "512um/patches" / f"{SLIDES[0]}.h5", "r") as file:
            attributes = dict(file["coords"].attrs)
            self.assertLessEqual({"patch_size", "patch_level", "downsample", "downsampled_level_dim", "level_dim", "name", "save_path"},
                                 set(attributes))
            self.assertEqual(attributes["patch_level"], 0)
            self.assertTrue((file["coords"][:] < attributes["level_dim"]).all())

    def test_geojson_has_closed_squares_of_level_0(self):
        collection = json.loads((self.export("geojson") / "512um" / f"{SLIDES[0]}.geojson").read_text())
        self.assertEqual(collection["type"], "FeatureCollection")
        vectors = stored(self.data)
        ids = set()
        for feature in collection["features"]:
            ids.add(uuid.UUID(feature["id"]))
            ring = feature["geometry"]["coordinates"][0]
            self.assertEqual((feature["geometry"]["type"], ring[0], len(ring)), ("Polygon", ring[-1], 5))
            (x, y), (right, _) = ring[0], ring[1]
            self.assertEqual(feature["properties"]["name"], f"{SLIDES[0]}~{x}_{y}_{right - x}")
            self.assertIn(feature["properties"]["name"], vectors)
            self.assertEqual(feature["properties"]["objectType"], "tile")
            self.assertEqual(set(feature["properties"]["measurements"]), {"tissue_fraction", "white_fraction"})
        self.assertEqual(len(ids), len(collection["features"]))

    def test_tables_agree_with_the_matrix(self):
        vectors = stored(self.data)
        with open(self.export("csv") / "patches.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual({row["patch_id"] for row in rows}, set(vectors))
        self.assertEqual({row["caption"] for row in rows}, {"Caption, quoted"})
        self.assertEqual({row["field:organ"] for row in rows}, {"lung"})
        lines = [json.loads(line) for line in (self.export("ndjson") / "patches.ndjson").read_text().splitlines()]
        self.assertEqual(len(lines), len(vectors))
        for line in lines:
            np.testing.assert_array_equal(np.float32(line["vector"]), vectors[line["id"]])

    def test_features_come_back(self):
        before, found = stored(self.data), hits(self.data)
        for form in ("trident", "clam"):
            folder = "h5_files" if form == "clam" else "features_*"
            again = self.root / f"again-{form}"
            run("store", "import", *self.export(form).glob(f"*/{folder}/*.h5"), "--data", again, "--model", MODEL)
            after = stored(again)
            self.assertEqual(set(after), set(before))
            for name, vector in before.items():
                np.testing.assert_array_equal(after[name], vector)
            self.assertEqual(hits(again), found)
            run("store", "verify", "--data", again)

    def test_options_do_not_take_the_files_behind_them(self):
        files = sorted(self.export("trident").glob("512um/features_*/*.h5"))
        done = run("store", "import", "--data", self.root / "options-first", "--model", MODEL, *files, "--json")
        self.assertEqual([one["file"] for one in json.loads(done.stdout)["files"]], [str(file) for file in files])

    def test_saved_patches_come_back(self):
        with open(self.saved / "patches.csv", encoding="utf-8", newline="") as file:
            self.assertEqual(csv.DictReader(file).fieldnames[:8],
                             ["file", "slide", "case", "caption", "level0_x", "level0_y", "level0_extent", "mpp"])
        again = self.root / "again-saved"
        run("index", "--patches", self.saved / "patches.csv", "--slides", self.saved / "slides.csv", "--data", again, "--model", MODEL)
        before, after = stored(self.data), stored(again)
        self.assertEqual(set(after), set(before))
        for name, vector in before.items():
            np.testing.assert_array_equal(after[name], vector)

    def test_hostile_files_are_refused_with_a_reason(self):
        whole = next(self.export("trident").glob("256um/features_*/*.h5"))
        secret = self.root / "secret"
        secret.write_bytes(bytes(1024))
        (self.root / "hostile").mkdir()
        expected = {}

        def make(name, reason, change):
            path = self.root / "hostile" / f"{name}.h5"
            with h5py.File(whole, "r") as source, h5py.File(path, "w") as file:
                for key in ("features", "coords"):
                    source.copy(key, file)
                change(file)
            expected[path] = reason

        def replace(file, key, **settings):
            attributes = dict(file[key].attrs)
            del file[key]
            dataset = file.create_dataset(key, **settings)
            dataset.attrs.update(attributes)

        def link(file, target):
            del file["features"]
            file["features"] = target

        def virtual(file):
            del file["features"]
            layout = h5py.VirtualLayout(shape=(4, 256), dtype="f4")
            layout[:] = h5py.VirtualSource(str(whole), "features", shape=(4, 256))
            file.create_virtual_dataset("features", layout)

        make("external-link", "link", lambda file: link(file, h5py.ExternalLink(str(whole), "/features")))
        make("soft-link", "link", lambda file: link(file, h5py.SoftLink("/coords")))
        make("virtual", "virtual", virtual)
        make("elsewhere", "another file",
             lambda file: replace(file, "features", shape=(1, 256), dtype="f4", external=[(str(secret), 0, 1024)]))
        make("filtered", "h5repack", lambda file: replace(file, "features", data=np.ones((4, 256), "f4"), compression="gzip"))
        make("huge", "rows", lambda file: replace(file, "features", shape=(2**40, 256), dtype="f4", chunks=(1, 256)))
        make("never-written", "claims", lambda file: replace(file, "features", shape=(2**20, 256), dtype="f4", chunks=(1, 256)))
        make("huge-chunk", "chunk", lambda file: replace(file, "features", shape=(1, 256), maxshape=(None, 256), dtype="f4", chunks=(2**21, 256)))
        make("text", "floating-point", lambda file: replace(file, "features", data=np.array([["a"]], "S9")))
        make("objects", "whole numbers", lambda file: replace(file, "coords", data=np.array([["a", "b"]], h5py.string_dtype())))
        make("one-dimension", "two dimensions", lambda file: replace(file, "features", data=np.ones(9, "f4")))
        make("three-columns", "two columns", lambda file: replace(file, "coords", data=np.ones((9, 3), "i8")))
        make("group", "features", lambda file: (file.pop("features"), file.create_group("features")))
        make("missing", "no dataset", lambda file: file.pop("features"))
        make("other-model", "model", lambda file: file["coords"].attrs.modify("model_sha256", "0" * 32))
        make("no-model", "--trust-features", lambda file: file["coords"].attrs.pop("model_sha256"))
        make("pipeline", "pipeline", lambda file: file["coords"].attrs.modify("pipeline", "{}"))
        make("outside", "outside", lambda file: file["coords"].__setitem__((0, 0), -5))
        make("nan", "finite", lambda file: file["features"].__setitem__((1, 1), np.nan))
        bytes_of = whole.read_bytes()
        for size in (0, 7, 100, len(bytes_of) // 2, len(bytes_of) - 1):
            path = self.root / "hostile" / f"cut-{size}.h5"
            path.write_bytes(bytes_of[:size])
            expected[path] = "HDF5"

        data = self.root / "hostile-data"
        done = run("store", "import", *expected, "--data", data, "--model", MODEL, "--json", code=1)
        reasons = {Path(one["file"]): one["reason"] for one in json.loads(done.stdout)["files"]}
        for path, reason in expected.items():
            self.assertIn(reason, reasons[path], path.name)
            self.assertIn(path.name, reasons[path])
        self.assertEqual(stored(data), {})
        # One right file among wrong ones is taken.
        run("store", "import", whole, *list(expected)[:2], "--data", data, code=3)
        self.assertGreater(len(stored(data)), 0)

    def test_says_what_is_wrong(self):
        self.assertIn("'nowhere'", run("store", "export", "--data", self.data, "--out", self.root / "x", "--format", "csv", "--slide",
                                       "nowhere", code=1).stderr)
        run("store", "export", "--data", self.data, "--out", self.root / "x", "--format", "pickle", code=2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
