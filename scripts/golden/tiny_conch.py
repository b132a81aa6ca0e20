#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a tiny random model in the layout of CONCH, its byte-level BPE, and their outputs.

usage: tiny_conch.py GOLDEN
CONCH's own program is in no package registry. Its parts are: a ViT of timm, AttentionalPooler and TextTransformer of open_clip, composed here as CONCH composes them. Every weight is random and a
float16 number; outputs are computed in float32. Needs tests/golden/tokenizers/bert_cased.json for its texts.
"""
import json
import sys
from pathlib import Path

import timm
import torch
from open_clip.transformer import AttentionalPooler, LayerNorm, TextTransformer
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from tiny_models import pixels, randomise, with_float64, write

CONTEXT = 24  # positions: 23 for the tokens of a text, the last for the appended one
SPECIAL = ["<pad>", "<start_of_text>", "<end_of_text>", "<|person|>", "<|mrn|>", "<|specimen_id|>", "<|date|>"]
CONFIG = {
    "embed_dim": 32,
    "embed_dim_caption": 16,
    "vision_cfg": {"layers": 2, "width": 48, "num_heads": 3, "mlp_ratio": 2, "image_size": 32, "patch_size": 8, "attentional_pool_caption": True, "attentional_pool_contrast": True,
                   "attn_pooler_heads": 8, "n_queries_contrast": 1, "n_queries_caption": 4, "output_tokens": True},
    "text_cfg": {"context_length": CONTEXT, "vocab_size": 320, "width": 32, "heads": 2, "layers": 2, "embed_cls": True, "output_tokens": True},
    "multimodal_cfg": {"context_length": CONTEXT, "vocab_size": 320, "width": 32, "heads": 2, "layers": 0},
    "custom_text": True,
}
SENTENCES = [
    "The specimen shows an invasive ductal carcinoma of the breast, grade 2, with lymph node metastases.",
    "Sections of the colon show adenocarcinoma invading the muscularis propria; margins are free of tumor.",
    "There is no evidence of malignancy in the biopsy of the skin.",
    "The tumor cells are positive for cytokeratin 7 and negative for cytokeratin 20.",
    "Squamous cell carcinoma of the lung with necrosis and inflammation, 3.5 x 2.0 cm.",
    "Patient <|person|> was seen on <|date|>; specimen <|specimen_id|>, record <|mrn|>.",
    "Benign prostatic tissue, chronic inflammation, no carcinoma is seen in 12 of 12 cores.",
]
OWN_TEXTS = [
    "", " ", "  ", "\n", "a", " a", "  a", "a ", "a  b", "a\n b", "a \n\nb", "a\tb", "it's the patient's, they'll've", "IT'S", "' s 's '", "3.5x2.0 cm 12/12",
    "<|person|>", "<|person|> seen on <|date|>", "x<|mrn|>y", "<|person|><|date|>", " <|specimen_id|> ", "<pad>", "<start_of_text>a<end_of_text>", "<|PERSON|>", "<|person|", "\u0301", "a <|date|>\u0301",
    "Caf\u00e9 na\u00efve \u0130stanbul \u1e9e \u03a3\u03a4\u0391\u03a3", "\u0915\u093f \u0e01\u0e33 \ud55c\uae00 \u65e5\u672c", "\u00b5m \u2265 5 \u00b2 \u00bd \u2460 \u0663\u0664", "\u00a0a\u2003b\u3000c\u0085d", "a\u200bb", "\u20dd x\u20dd \ua670",
]


class Visual(torch.nn.Module):
    """All tokens of the trunk, behind its last norm, through one query; a norm; a product from the right. The other pooler is for captions, which no vector depends on."""

    def __init__(self):
        super().__init__()
        vision, width = CONFIG["vision_cfg"], CONFIG["embed_dim"]
        self.trunk = timm.models.vision_transformer.VisionTransformer(img_size=vision["image_size"], patch_size=vision["patch_size"], embed_dim=vision["width"], depth=vision["layers"],
                                                                      num_heads=vision["num_heads"], mlp_ratio=vision["mlp_ratio"], num_classes=0, dynamic_img_size=True)
        self.attn_pool_contrast = AttentionalPooler(width, vision["width"], n_head=8, n_queries=1)
        self.ln_contrast = torch.nn.LayerNorm(width)
        self.proj_contrast = torch.nn.Parameter(torch.empty(width, width))
        self.attn_pool_caption = AttentionalPooler(CONFIG["embed_dim_caption"], vision["width"], n_head=8, n_queries=vision["n_queries_caption"])
        self.ln_caption = torch.nn.LayerNorm(CONFIG["embed_dim_caption"])

    def forward(self, images):
        pooled = self.attn_pool_contrast(self.trunk.forward_features(images))[:, 0]
        return self.ln_contrast(pooled) @ self.proj_contrast


class Conch(torch.nn.Module):
    def __init__(self):
        super().__init__()
        text = CONFIG["text_cfg"]
        self.visual = Visual()
        # open_clip counts the appended token's position apart, CONCH does not. The mask of the first CoCa models, one column off, is CONCH's too.
        self.text = TextTransformer(context_length=CONTEXT - 1, vocab_size=text["vocab_size"], width=text["width"], heads=text["heads"], layers=text["layers"],
                                    output_dim=CONFIG["embed_dim"], embed_cls=True, correct_cls_mask=False, pad_id=0, norm_layer=LayerNorm)
        self.logit_scale = torch.nn.Parameter(torch.empty([]))

    def forward(self, images, ids):
        return self.visual(images), self.text(ids[:, :-1])


def train_tokenizer():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=CONFIG["text_cfg"]["vocab_size"], special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(SENTENCES, trainer)
    start, end = SPECIAL[1], SPECIAL[2]
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{start} $A {end}", pair="$A $B:1", special_tokens=[(start, 1), (end, 2)])
    return tokenizer


def write_cases(tokenizer, golden):
    """A JSON object a line: `ids` untruncated, with special tokens; `ids_24` where a text is longer."""
    texts = list(OWN_TEXTS)
    kinds = {"trap": 1, "random_codepoints": 1, "caption": 1, "upper_or_title": 1, "sentence_with_trap": 3, "long_word": 8, "whole_report": 25}
    for kind, step in kinds.items():
        texts += [case["text"] for case in json.loads((golden / "tokenizers/bert_cased.json").read_text(encoding="utf-8")) if case["kind"] == kind][::step]
    whole = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    tokenizer.enable_truncation(CONTEXT)
    cut = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    tokenizer.no_truncation()
    lines = []
    for text, ids, short in zip(texts, whole, cut):
        case = {"text": text, "ids": ids} | ({"ids_24": short} if short != ids else {})
        lines.append(json.dumps(case, separators=(",", ":")))
    (golden / "tokenizers/byte_bpe.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    print(f"{len(texts)} texts")


def token_ids(tokenizer, texts):
    """As CONCH gives them to its model: one position is left for the appended token, which the last padding stands for."""
    tokenizer.enable_truncation(CONTEXT - 1)
    tokenizer.enable_padding(length=CONTEXT, pad_id=0, pad_token=SPECIAL[0])
    ids = torch.tensor([encoding.ids for encoding in tokenizer.encode_batch(texts)])
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return ids


def write_model(tokenizer, folder):
    torch.manual_seed(9)
    model = randomise(Conch(), 10)
    model.logit_scale.data = torch.tensor(2.25)
    texts = ["", "the tumor", "<|person|>: no carcinoma of the skin", "the tumor cells are positive", SENTENCES[1]]
    inputs = {"pixel_values": pixels(11, 3, 32, 32), "input_ids": token_ids(tokenizer, texts)}
    # The longest texts, with two, one and no padding before the appended token.
    longest = torch.randint(3, 320, (3, CONTEXT), generator=torch.Generator().manual_seed(12))
    for row in range(3):
        longest[row, CONTEXT - 3 + row:] = 0
    inputs["longest_ids"] = longest

    def run(model, inputs):
        images, texts = model(inputs["pixel_values"], inputs["input_ids"])
        longest = model.text(inputs["longest_ids"][:, :-1])
        unit = torch.nn.functional.normalize
        return {"image_embeds_raw": images, "text_embeds_raw": texts, "longest_embeds_raw": longest, "image_embeds": unit(images, dim=-1), "text_embeds": unit(texts, dim=-1)}

    outputs = with_float64(run, model, inputs)
    stored = inputs | {"pixel_values": inputs["pixel_values"].half()}
    write(folder, "model.safetensors", model.float().state_dict(), stored, outputs)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    for name, value in (("config.json", CONFIG), ("inputs.json", {"texts": texts})):
        (folder / name).write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def main():
    golden = Path(sys.argv[1])
    tokenizer = train_tokenizer()
    write_model(tokenizer, golden / "models/conch-tiny")
    write_cases(tokenizer, golden)


if __name__ == "__main__":
    main()
