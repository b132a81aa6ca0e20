# SPDX-License-Identifier: Apache-2.0
"""The pipeline a Python user would write after the seed report: one slide, seconds per stage as JSON.

usage: python_pipeline.py SLIDE [--tile 1024] [--mask] [--workers N] [--vahadane N] [--bf16]
--mask     reads only grid cells that hold tissue on a thumbnail (Otsu), as TRIDENT and CLAM do; without it every cell is read
--workers  reads tiles in N processes
--vahadane N patches go through StainTools, the rest is extrapolated
Random weights of ViT-B/32 shape, so only time is comparable. All patches are 299 px, encoded at 224 px.
"""
import argparse, json, time, warnings
from multiprocessing import Pool
import cv2, numpy as np, openslide
from PIL import Image
warnings.filterwarnings("ignore")


def read(job):
    path, x, y, size = job
    if getattr(read, "path", None) != path:
        read.slide, read.path = openslide.OpenSlide(path), path
    rgb = np.asarray(read.slide.read_region((x, y), 0, (size, size)).convert("RGB"))
    if (cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY) > 225).mean() >= 0.5:
        return None
    return np.array(Image.fromarray(rgb).resize((299, 299), Image.BICUBIC))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("slide"); p.add_argument("--tile", type=int, default=1024); p.add_argument("--mask", action="store_true")
    p.add_argument("--workers", type=int, default=1); p.add_argument("--vahadane", type=int, default=0); p.add_argument("--bf16", action="store_true")
    a = p.parse_args()
    import faiss, torch
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection
    model = CLIPVisionModelWithProjection(CLIPVisionConfig(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, patch_size=32, projection_dim=512)).eval()
    seconds, start = {}, time.perf_counter()
    slide = openslide.OpenSlide(a.slide); w, h = slide.dimensions
    cells = [(a.slide, x, y, a.tile) for y in range(0, h - a.tile + 1, a.tile) for x in range(0, w - a.tile + 1, a.tile)]
    grid = len(cells)
    if a.mask:
        t = time.perf_counter(); thumb = cv2.cvtColor(np.asarray(slide.get_thumbnail((1024, 1024))), cv2.COLOR_RGB2GRAY)
        level, _ = cv2.threshold(thumb, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU); tissue = thumb <= min(max(level, 200), 225); s = thumb.shape[1] / w
        cells = [c for c in cells if tissue[int(c[2] * s):int((c[2] + a.tile) * s) + 1, int(c[1] * s):int((c[1] + a.tile) * s) + 1].mean() >= 0.3]
        seconds["mask"] = time.perf_counter() - t
    t = time.perf_counter()
    if a.workers > 1:
        with Pool(a.workers) as pool:
            tiles = [x for x in pool.imap(read, cells, 4) if x is not None]
    else:
        tiles = [x for x in map(read, cells) if x is not None]
    seconds["read_filter_resize"] = time.perf_counter() - t
    stain = 0.0
    if a.vahadane:
        import staintools
        norm = staintools.StainNormalizer(method="vahadane"); norm.fit(tiles[0].copy()); n = min(a.vahadane, len(tiles)); t = time.perf_counter()
        for x in tiles[:n]:
            norm.transform(x.copy())
        stain = (time.perf_counter() - t) / n
    mean, std = np.array([.48145466, .4578275, .40821073], "f4"), np.array([.26862954, .26130258, .27577711], "f4")
    t = time.perf_counter(); out = []
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.bf16):
        for i in range(0, len(tiles), 32):
            b = np.stack([(np.asarray(Image.fromarray(x).resize((224, 224), Image.BICUBIC), "f4") / 255 - mean) / std for x in tiles[i:i + 32]])
            e = model(torch.from_numpy(b).permute(0, 3, 1, 2)).image_embeds.float(); out.append((e / e.norm(dim=-1, keepdim=True)).numpy())
    seconds["encode"] = time.perf_counter() - t
    t = time.perf_counter(); index = faiss.IndexFlatIP(512); index.add(np.concatenate(out)); faiss.write_index(index, "python_pipeline.faiss"); seconds["index"] = time.perf_counter() - t
    total = sum(seconds.values())
    print(json.dumps({"slide": a.slide.split("/")[-1], "grid": grid, "read": len(cells), "kept": len(tiles), **{k: round(v, 3) for k, v in seconds.items()}, "vahadane_per_image": round(stain, 4),
                      "total_without_vahadane": round(total, 2), "total_with_vahadane": round(total + stain * len(tiles), 2)}))


if __name__ == "__main__":
    main()
