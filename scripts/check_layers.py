#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that every folder includes and links only what the architecture lets it. ALLOWED is the only machine-readable statement of it.

usage: check_layers.py [REPOSITORY]
Prints each violation with what would be allowed there; exit 1 if there is one.
"""
import re
import sys
from pathlib import Path
from typing import NamedTuple


class Layer(NamedTuple):
    headers: set = frozenset()    # the headers that this folder offers to others (it implements them)
    uses: set = frozenset()       # folders whose headers it may include and whose library it may link
    sees: set = frozenset()       # folders whose headers it may include for their interface, without linking
    libraries: set = frozenset()  # third-party headers, by prefix


# Core is open to every folder outside of it. All headers are private to their folder, but those under clippath/core/ and those named here.
ALLOWED = {
    "include/clippath/core": Layer(libraries={"tl/expected.hpp"}),
    "core/json": Layer(headers={"core/json/json.h"}, libraries={"nlohmann/"}),
    "core/digest": Layer(uses={"core/files"}, libraries={"openssl/", "xxhash.h"}),
    "core/files": Layer(),
    "core/logging": Layer(libraries={"spdlog/"}),
    "core/tables": Layer(uses={"core/files"}),
    "core/pictures": Layer(libraries={"turbojpeg.h", "spng.h", "opencv2/"}),

    "indexer/slide": Layer(headers={"clippath/slide.h"}),
    "indexer/slide/openslide": Layer(headers={"clippath/open_slide.h"}, uses={"indexer/slide"}, libraries={"openslide/"}),
    "indexer/tiling": Layer(headers={"clippath/tiling.h", "clippath/regions.h"}, uses={"indexer/slide"}),
    "indexer/tissue": Layer(headers={"clippath/tissue.h", "clippath/quality.h", "clippath/tissue_overlay.h"}, uses={"indexer/slide"},
                            libraries={"opencv2/"}),
    "indexer/stain": Layer(headers={"clippath/stain.h", "indexer/stain/profile_json.h", "indexer/stain/reference_criteria.h"}, libraries={"opencv2/"}),
    "indexer/attention": Layer(headers={"clippath/attention.h", "clippath/attention_overlay.h"}, sees={"encoder/runtime"}, libraries={"opencv2/"}),
    "indexer/manifest": Layer(headers={"clippath/manifest.h"}, sees={"store/records"}),
    "indexer/reports": Layer(headers={"clippath/reports.h"}, uses={"indexer/manifest"}, sees={"store/records"}),
    "indexer/pipeline": Layer(headers={"clippath/pipeline.h", "clippath/stain_reference.h", "clippath/verify_patch.h"},
                              uses={"indexer/slide", "indexer/tiling", "indexer/tissue", "indexer/stain", "indexer/attention", "indexer/manifest",
                                    "store/records", "store/folder"},
                              sees={"encoder/runtime"}),

    "worker/protocol": Layer(headers={f"worker/protocol/{name}.h" for name in ("channel", "descriptor", "feature_message", "lane_descriptors", "message",
                                                                          "shared_memory")},
                             sees={"indexer/slide", "store/features"}),
    "worker/client": Layer(headers={"clippath/decode_workers.h"}, uses={"worker/protocol"}, sees={"indexer/slide", "store/features"}),
    "worker/program": Layer(uses={"worker/protocol", "indexer/slide", "indexer/slide/openslide", "store/features"}, libraries={"seccomp.h"}),

    "encoder/tokenizer": Layer(headers={"clippath/tokenizer.h", "clippath/text_windows.h"}, libraries={"utf8proc.h"}),
    "encoder/preprocess": Layer(headers={"clippath/preprocess.h"}),
    "encoder/weights": Layer(headers={"clippath/model_card.h", "clippath/encoder.h", "encoder/weights/architecture.h", "encoder/weights/finite_weights.h",
                                      "encoder/weights/identity.h", "encoder/weights/model_config.h",
                                      "encoder/weights/model_files.h", "encoder/weights/tensor_names.h",
                                      "encoder/weights/weights_file.h", "encoder/weights/weights_writer.h"}),
    "encoder/models": Layer(headers={"encoder/models/dual_encoder.h", "encoder/models/linear.h", "encoder/models/stored_weights.h", "encoder/models/to_device.h", "encoder/models/vision_transformer.h"},
                            uses={"encoder/weights"}, libraries={"ATen/", "c10/", "torch/"}),
    "encoder/runtime": Layer(headers={"clippath/encoder.h", "clippath/encoder_list.h", "clippath/encoder_queue.h", "clippath/attention_network.h",
                                      "encoder/runtime/agreement.h", "encoder/runtime/convert_model.h", "encoder/runtime/image_products.h",
                                      "encoder/runtime/local_encoder.h", "encoder/runtime/model_info.h", "encoder/runtime/threads.h",
                                      "encoder/runtime/verify_model.h"},
                             uses={"encoder/tokenizer", "encoder/preprocess", "encoder/weights", "encoder/models"},
                             libraries={"ATen/", "c10/", "torch/version.h"}),

    "store/records": Layer(headers={"clippath/records.h"}, uses={"indexer/stain"}, sees={"indexer/slide", "indexer/attention"},
                           libraries={"rocksdb/"}),
    "store/vectors": Layer(headers={"clippath/vectors.h"}, libraries={"faiss/", "omp.h"}),
    "store/folder": Layer(headers={"clippath/data_folder.h"}, uses={"indexer/stain", "indexer/attention", "store/records"}),
    "store/generation": Layer(headers={"clippath/generation.h"}, uses={"store/records", "store/vectors", "store/folder"},
                              sees={"indexer/stain", "encoder/weights"}),

    "store/features": Layer(headers={"clippath/feature_file.h"}, libraries={"hdf5.h"}),
    "store/interchange": Layer(headers={"clippath/geojson.h", "clippath/interchange.h"}, uses={"indexer/stain", "store/records", "store/folder", "store/features"},
                               sees={"indexer/slide"}),

    "server/classify": Layer(headers={"clippath/classify.h", "server/classify/read_prompts.h"}, sees={"encoder/runtime"}),
    "server/search": Layer(headers={"clippath/search.h", "clippath/query_engines.h"},
                           uses={"indexer/tiling", "indexer/stain", "store/records", "store/vectors", "store/folder", "store/generation",
                                 "server/classify"},
                           sees={"encoder/runtime"}),
    "server/eval": Layer(headers={"clippath/metrics.h", "clippath/evaluation.h", "clippath/colour_baseline.h", "clippath/evaluation_report.h",
                                  "clippath/evaluation_pictures.h", "clippath/score_table.h"},
                         libraries={"opencv2/"}),
    "server/web": Layer(headers={"server/web/web_assets.h"}),
    "server/http": Layer(headers={"clippath/http.h", "clippath/patch_pictures.h", "server/http/answer_codec.h", "server/http/http_client.h"},
                         uses={"indexer/slide", "indexer/tiling", "store/records", "store/generation", "server/classify", "server/search", "server/web"},
                         sees={"encoder/runtime"}, libraries={"httplib.h"}),

    "cli": Layer(uses={"worker/client", "indexer/slide", "indexer/tiling", "indexer/tissue", "indexer/stain", "indexer/attention", "indexer/manifest",
                       "indexer/reports", "indexer/pipeline", "encoder/tokenizer", "encoder/preprocess", "encoder/weights", "encoder/runtime",
                       "store/records", "store/vectors", "store/folder", "store/generation", "store/features", "store/interchange",
                       "server/classify", "server/search", "server/eval", "server/http"},
                 libraries={"CLI/"}),
}
# Indexer and server never use each other, but both look at pictures: one way to open a file, to cut a field out of it and to even out its colours.
SHARED_READERS = {"indexer/slide", "indexer/tiling", "indexer/stain"}
# A narrower rule than its folder's: the library in these files only.
ONLY_IN = {"httplib.h": {"server/http/http_server.cpp", "server/http/http_client.cpp"},
           "hdf5.h": {"store/features/h5_handle.h"}}

SOURCE_ROOTS = ("include", "core", "indexer", "worker", "encoder", "store", "server", "cli")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
# The C and C++ standard libraries have no dot or a C name; these are the operating system's.
SYSTEM = re.compile(r"^([a-z_0-9]+|(sys|netinet|arpa|linux)/[a-z_]+\.h|"
                    r"(unistd|fcntl|signal|pthread|poll|netdb|stdlib|dlfcn|sched|spawn|malloc|termios|cpuid|immintrin)\.h)$")


def folder_of(path):
    """The row that a source file belongs to: the longest one that leads to it; a public header's row is its implementer's."""
    fits = [row for row in ALLOWED if path.startswith(row + "/")]
    return max(fits, key=len) if fits else None


def usable(row):
    """The folders that this one may link."""
    core = {name for name in ALLOWED if name.startswith("core/")} if not row.startswith(("core/", "include/")) else set()
    return ALLOWED[row].uses | core


def implementers(header):
    return {row for row, layer in ALLOWED.items() if header in layer.headers}


def describe(row):
    layer = ALLOWED[row]
    return (f"{row} may include core, itself, {sorted(layer.uses | layer.sees) or 'no other folder'}"
            f" and the libraries {sorted(layer.libraries) or 'none'}")


def check_include(path, rows, quote, header):
    """Why this include is wrong, or None. `rows` are the folders that the file counts to: one, but for some public headers."""
    if quote == "<":
        if SYSTEM.match(header):
            return None
        if header in ONLY_IN and path not in ONLY_IN[header]:
            return f"only {sorted(ONLY_IN[header])} may include <{header}>"
        if any(header.startswith(prefix) for row in rows for prefix in ALLOWED[row].libraries):
            return None
        return f"the library of <{header}> does not belong here"
    if header.startswith("clippath/core/"):
        return None
    owners = implementers(header)
    if not owners:
        if header.startswith("clippath/"):
            return f'"{header}": no row of ALLOWED offers it'
        if folder_of(header) in rows:
            return None
        return f'"{header}" is private to {folder_of(header) or "no known folder"}'
    for row in rows:
        if owners & ({row} | usable(row) | ALLOWED[row].sees):
            return None
    return f'"{header}" belongs to {sorted(owners)}'


def check_file(root, path):
    text = (root / path).read_text(encoding="utf-8")
    public = path.startswith("include/clippath/") and not path.startswith("include/clippath/core/")
    rows = implementers(path.removeprefix("include/")) if public else {folder_of(path)} - {None}
    if not rows:
        yield f"{path}: no row of ALLOWED in scripts/check_layers.py names its folder"
        return
    for match in INCLUDE.finditer(text):
        why = check_include(path, rows, *match.groups())
        if why:
            line = text.count("\n", 0, match.start()) + 1
            yield f"{path}:{line}: {why}; " + "; ".join(describe(row) for row in sorted(rows))


def check_links(root):
    """A library links what it `uses`, never what it only `sees`."""
    row_of_target = {}
    calls = []
    for listing in sorted(root.glob("*/**/CMakeLists.txt")):
        folder = listing.parent.relative_to(root).as_posix()
        if folder not in ALLOWED:
            continue
        for name, body in re.findall(r"clippath_library\(\s*(\w+)([^)]*)\)", listing.read_text(encoding="utf-8")):
            row_of_target[name] = folder
            calls.append((listing.relative_to(root), folder, body))
    for listing, folder, body in calls:
        for target in re.findall(r"clippath::(\w+)", body):
            row = row_of_target.get(target, folder)
            if row != folder and row not in usable(folder):
                yield f"{listing}: {folder} must not link clippath::{target}; it may link core and {sorted(ALLOWED[folder].uses)}"


def check_table():
    for row, layer in ALLOWED.items():
        for other in layer.uses | layer.sees:
            if other not in ALLOWED:
                yield f"ALLOWED[{row!r}] names {other!r}, which has no row"
            if {row.split("/")[0], other.split("/")[0]} == {"indexer", "server"} and other not in SHARED_READERS:
                yield f"ALLOWED[{row!r}]: indexer and server never use each other, so not {other!r}"
    done, path = set(), []

    def visit(row):
        if row in path:
            return " -> ".join(path[path.index(row):] + [row])
        if row in done:
            return None
        path.append(row)
        for other in sorted(ALLOWED[row].uses & ALLOWED.keys()):
            cycle = visit(other)
            if cycle:
                return cycle
        done.add(path.pop())
        return None

    for row in sorted(ALLOWED):
        cycle = visit(row)
        if cycle:
            yield f"ALLOWED has a cycle: {cycle}"
            return


def main(arguments):
    root = Path(arguments[0] if arguments else Path(__file__).resolve().parent.parent)
    files = sorted(path.relative_to(root).as_posix() for top in SOURCE_ROOTS for path in (root / top).rglob("*")
                   if path.suffix in (".h", ".cpp"))
    wrong = [*check_table(), *check_links(root), *(message for path in files for message in check_file(root, path))]
    for message in wrong:
        print(message)
    print(f"layers: {len(files)} files, {len(wrong)} violations")
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
