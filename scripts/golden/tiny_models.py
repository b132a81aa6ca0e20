#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tiny random models with the reference implementations, and their outputs.

usage: tiny_models.py OUT
Every weight is random, also those that start as 0 or 1, and a float16 number; outputs are computed in float32 and, for comparison, in float64.
"""
import json
import string
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


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def save_pretrained(folder, model):
    """Weights and configuration as transformers writes them."""
    folder.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(folder)
    model.float()
    config_path = folder / "config.json"
    write_json(config_path, json.loads(config_path.read_text(encoding="utf-8")))


DINOV2 = {"hidden_size": 48, "num_attention_heads": 4, "image_size": 56, "patch_size": 14}


def write_dinov2(folder, model, seed):
    """With a picture of another size than the trained one."""
    save_pretrained(folder, model)
    inputs = {"pixel_values": pixels(seed, 2, 56, 56), "pixel_values_28x70": pixels(seed + 1, 1, 28, 70)}

    def run(model, inputs):
        trained, other = model(inputs["pixel_values"]), model(inputs["pixel_values_28x70"])
        return {"last_hidden_state": trained.last_hidden_state, "cls": trained.last_hidden_state[:, 0], "28x70.cls": other.last_hidden_state[:, 0]}

    outputs = with_float64(run, model, inputs)
    save_file({key: value.half() for key, value in inputs.items()}, folder / "inputs.safetensors")
    save_file({key: value.float().contiguous() for key, value in outputs.items()}, folder / "outputs.safetensors")


def dinov2(out):
    """Gated perceptrons and registers."""
    config = transformers.Dinov2WithRegistersConfig(**DINOV2, num_hidden_layers=3, use_swiglu_ffn=True, num_register_tokens=2)
    write_dinov2(out / "dinov2-tiny", randomise(transformers.Dinov2WithRegistersModel(config), 1), 2)


def dinov2_plain(out):
    """Neither."""
    config = transformers.Dinov2Config(**DINOV2, num_hidden_layers=2, mlp_ratio=2, use_swiglu_ffn=False)
    write_dinov2(out / "dinov2-plain-tiny", randomise(transformers.Dinov2Model(config), 13), 14)


def write_timm(folder, model, run, inputs, arguments):
    """Beside a configuration in timm's form."""
    outputs = with_float64(run, model, inputs)
    write(folder, "model.safetensors", model.float().state_dict(), {key: value.half() for key, value in inputs.items()}, outputs)
    side, patch = arguments["img_size"], model.patch_embed.patch_size[0]
    config = {"architecture": f"vit_tiny_patch{patch}_{side}", "model_args": {"embed_dim": model.embed_dim, **arguments},
              "pretrained_cfg": {"input_size": [3, side, side], "interpolation": "bicubic", "crop_pct": 1.0, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}}
    write_json(folder / "config.json", config)


def timm_vit(out):
    """Registers with positions, LayerScale and a gated perceptron, as Virchow2; its file says none of this."""
    arguments = {"img_size": 56, "init_values": 1e-5, "num_classes": 0, "reg_tokens": 2, "mlp_ratio": 5.3375, "global_pool": "", "dynamic_img_size": True}
    sizes = {"embed_dim": 48, "depth": 3, "num_heads": 3, "patch_size": 14}
    model = timm.models.vision_transformer.VisionTransformer(**sizes, **arguments, mlp_layer=timm.layers.SwiGLUPacked, act_layer=torch.nn.SiLU)
    write_timm(out / "timm-tiny", randomise(model, 4), lambda model, inputs: {"tokens": model(inputs["pixel_values"]), "cls": model(inputs["pixel_values"])[:, 0]},
               {"pixel_values": pixels(5, 2, 56, 56)}, arguments)


def uni(out):
    """LayerScale and a plain perceptron, pooled by timm itself, as UNI; with a picture of another size than the trained one."""
    arguments = {"img_size": 32, "init_values": 1e-5, "num_classes": 0, "global_pool": "token", "dynamic_img_size": True}
    model = timm.models.vision_transformer.VisionTransformer(embed_dim=48, depth=2, num_heads=3, patch_size=8, **arguments)
    inputs = {"pixel_values": pixels(17, 3, 32, 32), "pixel_values_16x40": pixels(18, 1, 16, 40)}
    write_timm(out / "uni-tiny", randomise(model, 16), lambda model, inputs: {"cls": model(inputs["pixel_values"]), "16x40.cls": model(inputs["pixel_values_16x40"])}, inputs,
               arguments)


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
    write_json(folder / "open_clip_config.json", config)
    for path in (folder / "bert").iterdir():
        path.unlink()
    (folder / "bert").rmdir()


# WordPiece's. The single letters spell whatever is no word here.
WORDS = ["the", "tumor", "carcinoma", "of", "duct", "gland", "cell", "no", "necrosis"]
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *string.ascii_lowercase, *string.digits, ".", ",", "-", *WORDS, "##s", "##al", "##ular", *(f"##{letter}" for letter in string.ascii_lowercase if letter != "s")]
TEXTS = ["", "Tumor", "Glandular cells, no necrosis.", "The carcinoma of the ductal cells - 3,5 cm", "the \u2265 tumor"]


def write_tokenizer(folder, longest):
    """Gives the texts as a BertTokenizer reads them, padded."""
    (folder / "vocab.txt").write_text("".join(piece + "\n" for piece in VOCABULARY), encoding="utf-8")
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": longest})
    write_json(folder / "inputs.json", {"texts": TEXTS})
    return dict(transformers.BertTokenizer.from_pretrained(folder)(TEXTS, padding=True, return_tensors="pt"))


def wrapped_once_more(weights):
    """Under the names that older transformers wrote, with the tower's own prefix behind the dual encoder's; the pinned one writes a single prefix and reads both."""
    return {f"vision_model.{name}" if name.startswith("vision_model.") else name: value for name, value in weights.items()}


def dual_clip(out):
    """The image tower of a CLIP and a BERT, as the bundled model."""
    folder = out / "dual-clip-tiny"
    vision = transformers.CLIPVisionConfig(hidden_size=48, num_hidden_layers=2, num_attention_heads=3, intermediate_size=96, image_size=32, patch_size=8)
    text = transformers.BertConfig(hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64, vocab_size=len(VOCABULARY), max_position_embeddings=40)
    config = transformers.VisionTextDualEncoderConfig.from_vision_text_configs(vision, text, projection_dim=40)
    model = randomise(transformers.VisionTextDualEncoderModel(config), 18)
    model.logit_scale.data = torch.tensor(2.25)
    save_pretrained(folder, model)
    inputs = {"pixel_values": pixels(19, 3, 32, 32)} | write_tokenizer(folder, text.max_position_embeddings)

    def run(model, inputs):
        both = model(**inputs)
        images = model.visual_projection(both.vision_model_output.pooler_output)
        texts = model.text_projection(both.text_model_output.pooler_output)
        return {"image_embeds_raw": images, "text_embeds_raw": texts, "image_embeds": both.image_embeds, "text_embeds": both.text_embeds}

    outputs = with_float64(run, model, inputs)
    stored = inputs | {"pixel_values": inputs["pixel_values"].half()}
    write(folder, "model.safetensors", wrapped_once_more(model.float().state_dict()), stored, outputs)
    write_json(folder / "preprocessor_config.json", {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 32}, "crop_size": {"height": 32, "width": 32},
                                                     "image_mean": CLIP_MEAN, "image_std": CLIP_STD})


def main():
    out = Path(sys.argv[1])
    for make in (dinov2, timm_vit, biomedclip, dinov2_plain, uni, dual_clip):
        print(make.__name__)
        make(out)
    print(f"torch {torch.__version__}, transformers {transformers.__version__}, timm {timm.__version__}, open_clip {open_clip.__version__}")


if __name__ == "__main__":
    main()
