#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tiny random models with the reference implementations, and their outputs.

usage: tiny_models.py OUT
Every weight is random, also those that start as 0 or 1, and a float16 number; outputs are computed in float32 and, for comparison, in float64.
"""
import json
import sys
from pathlib import Path

import open_clip
import timm
import torch
import transformers
from safetensors.torch import save_file

CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073]
CLIP_STD = [0.26862954, 0.26130258, 0.27577711]


def randomise(model, seed):
    """Gives every parameter random values of a size that keeps activations near 1."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        values = torch.randn(parameter.shape, generator=generator)
        if name.endswith(("norm.weight", "norm1.weight", "norm2.weight", "LayerNorm.weight")) or (name.endswith(".weight") and name.split(".")[-2].startswith("ln_")):
            values = 1 + 0.2 * values
        elif parameter.dim() >= 2 and "embed" not in name:
            values = values / parameter[0].numel() ** 0.5
        else:
            values = 0.3 * values
        parameter.data = values.half().float()
    return model.eval()


def write(folder, name, model_weights, inputs, outputs):
    folder.mkdir(parents=True, exist_ok=True)
    halves = {key: (value.half() if value.is_floating_point() else value).contiguous() for key, value in model_weights.items()}
    save_file(halves, folder / name)
    save_file({key: value.contiguous() for key, value in inputs.items()}, folder / "inputs.safetensors")
    save_file({key: value.float().contiguous() for key, value in outputs.items()}, folder / "outputs.safetensors")


def with_float64(run, model, inputs):
    """Runs in both types and says how far apart they are."""
    with torch.no_grad():
        single = run(model, inputs)
        double = run(model.double(), {key: value.double() if value.is_floating_point() else value for key, value in inputs.items()})
    for key, value in single.items():
        print(f"  {key}: float32 - float64 {(value.double() - double[key]).abs().max():.1e}")
    return single


def pixels(seed, count, height, width):
    return torch.randn(count, 3, height, width, generator=torch.Generator().manual_seed(seed)).half().float()


def dinov2(out):
    """Gated perceptrons, registers, and a picture of another size than the trained one."""
    config = transformers.Dinov2WithRegistersConfig(hidden_size=48, num_hidden_layers=3, num_attention_heads=4, image_size=56, patch_size=14, use_swiglu_ffn=True,
                                                    num_register_tokens=2)
    model = randomise(transformers.Dinov2WithRegistersModel(config), 1)
    folder = out / "dinov2-tiny"
    folder.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(folder)
    model.float()
    config_path = folder / "config.json"
    written = json.loads(config_path.read_text(encoding="utf-8"))
    config_path.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    inputs = {"pixel_values": pixels(2, 2, 56, 56), "pixel_values_28x70": pixels(3, 1, 28, 70)}

    def run(model, inputs):
        trained, other = model(inputs["pixel_values"]), model(inputs["pixel_values_28x70"])
        return {"last_hidden_state": trained.last_hidden_state, "cls": trained.last_hidden_state[:, 0], "28x70.cls": other.last_hidden_state[:, 0]}

    outputs = with_float64(run, model, inputs)
    save_file({key: value.half() for key, value in inputs.items()}, folder / "inputs.safetensors")
    save_file({key: value.float().contiguous() for key, value in outputs.items()}, folder / "outputs.safetensors")


def timm_vit(out):
    """Registers with positions, LayerScale and a gated perceptron, as Virchow2; its file says none of this."""
    arguments = {"img_size": 56, "init_values": 1e-5, "num_classes": 0, "reg_tokens": 2, "mlp_ratio": 5.3375, "global_pool": "", "dynamic_img_size": True}
    sizes = {"embed_dim": 48, "depth": 3, "num_heads": 3, "patch_size": 14}
    model = timm.models.vision_transformer.VisionTransformer(**sizes, **arguments, mlp_layer=timm.layers.SwiGLUPacked, act_layer=torch.nn.SiLU)
    randomise(model, 4)
    folder = out / "timm-tiny"
    inputs = {"pixel_values": pixels(5, 2, 56, 56)}
    outputs = with_float64(lambda model, inputs: {"tokens": model(inputs["pixel_values"]), "cls": model(inputs["pixel_values"])[:, 0]}, model, inputs)
    write(folder, "model.safetensors", model.float().state_dict(), {key: value.half() for key, value in inputs.items()}, outputs)
    config = {"architecture": "vit_tiny_patch14_56", "model_args": arguments,
              "pretrained_cfg": {"input_size": [3, 56, 56], "interpolation": "bicubic", "crop_pct": 1.0, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def biomedclip(out):
    """A ViT of timm and a BERT of Hugging Face inside open_clip, as BiomedCLIP."""
    folder = out / "biomedclip-tiny"
    folder.mkdir(parents=True, exist_ok=True)
    bert = transformers.BertConfig(hidden_size=64, num_hidden_layers=2, num_attention_heads=1, intermediate_size=96, vocab_size=200, max_position_embeddings=64)
    bert.save_pretrained(folder / "bert")
    vision = {"timm_model_name": "vit_tiny_patch16_224", "timm_model_pretrained": False, "timm_pool": "", "timm_proj": "linear", "image_size": 64}
    text = {"hf_model_name": str(folder / "bert"), "hf_tokenizer_name": str(folder / "bert"), "hf_model_pretrained": False, "hf_proj_type": "mlp",
            "hf_pooler_type": "cls_last_hidden_state_pooler", "context_length": 32, "vocab_size": 200}
    model = open_clip.CustomTextCLIP(embed_dim=40, vision_cfg=vision, text_cfg=text)
    small = timm.models.vision_transformer.VisionTransformer(img_size=64, patch_size=16, embed_dim=48, depth=2, num_heads=3, num_classes=0)
    model.visual.trunk = small
    model.visual.head.proj = torch.nn.Linear(48, 40, bias=False)
    randomise(model, 6)
    model.logit_scale.data = torch.tensor(2.25)
    ids = torch.randint(5, 200, (3, 32), generator=torch.Generator().manual_seed(7))
    ids[0, 9:] = 0  # padding
    ids[2, 20:] = 0
    inputs = {"pixel_values": pixels(8, 2, 64, 64), "input_ids": ids}

    def run(model, inputs):
        return {"image_embeds_raw": model.encode_image(inputs["pixel_values"]), "text_embeds_raw": model.encode_text(inputs["input_ids"])}

    outputs = with_float64(run, model, inputs)
    stored = {"pixel_values": inputs["pixel_values"].half(), "input_ids": ids, "attention_mask": (ids != 0).long()}
    write(folder, "open_clip_model.safetensors", model.float().state_dict(), stored, outputs)
    text["hf_model_name"] = text["hf_tokenizer_name"] = "bert-tiny"
    config = {"model_cfg": {"embed_dim": 40, "vision_cfg": vision, "text_cfg": text},
              "preprocess_cfg": {"mean": CLIP_MEAN, "std": CLIP_STD, "interpolation": "bicubic", "resize_mode": "shortest"}}
    (folder / "open_clip_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    for path in (folder / "bert").iterdir():
        path.unlink()
    (folder / "bert").rmdir()


def main():
    out = Path(sys.argv[1])
    for make in (dinov2, timm_vit, biomedclip):
        print(make.__name__)
        make(out)
    print(f"torch {torch.__version__}, transformers {transformers.__version__}, timm {timm.__version__}, open_clip {open_clip.__version__}")


if __name__ == "__main__":
    main()
