#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the token numbers of clippath with those of the library `tokenizers`, set up as transformers sets it up, on every code point and on seeded random texts.

usage: tokenizers_vs_rust.py CLIPPATH REPOSITORY TEXTS SEED      (through tokenizers_vs_rust.sh)
"""
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

CLIP_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
WORDS = ("invasive ductal carcinoma grade III margin 0.1 cm Ki-67 HER2 don't IT'S we'll \u03a3\u039f\u03a6\u039f\u03a3 \u0130stanbul STRA\u00dfE caf\u00e9 &amp; &lt; \u00b5m \u2265 \u201cquoted\u201d "
         "<|endoftext|> <|startoftext|> [SEP] [MASK] [CLS] <|person|> <|date|> <pad> \u4e73\u817a\u764c \u304c\u3093 \ud55c\uad6d\uc5b4 na\u00efve e\u0301 \ufb01brosis 10\u00b3 \u00bd \U0001f52c \U0001f469\u200d\u2695\ufe0f").split()
SPACES = ["\t", "\x0b", "\x0c", "\x1c", "\x85", "\xa0", "\u2003", "\u2028", "\u3000", "\u200b", "\u200d", "\ufeff", "\0"]
BLOCKS = [(0x20, 0x7E)] * 6 + [(0xA0, 0x24F), (0x300, 0x36F), (0x370, 0x52F), (0x590, 0x6FF), (0x900, 0xDFF), (0xE00, 0xFFF), (0x1100, 0x11FF),
                               (0x1E00, 0x1FFF), (0x2000, 0x2BFF), (0x3000, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xF900, 0xFFFF),
                               (0x10000, 0x1FFFF), (0x20000, 0x2FA1F)]

LINE_ENDS = (0x0A, 0x0D)  # one text a line


def is_surrogate(code):
    return 0xD800 <= code <= 0xDFFF


def code_point_texts():
    """Every code point between two letters, behind a syllable that composes with more, then between two marks: the first and the last that canonical order moves."""
    for code in range(sys.maxunicode + 1):
        if code not in LINE_ENDS and not is_surrogate(code):
            yield f"A{chr(code)}b \uac00{chr(code)} e\u0301{chr(code)}\u0334\u0301"


def random_character(chance):
    while True:
        code = chance.randint(*chance.choice(BLOCKS))
        if code not in LINE_ENDS and not is_surrogate(code):
            return chr(code)


def random_text(chance):
    parts = []
    for _ in range(chance.randint(0, 14)):
        kind = chance.random()
        if kind < 0.45:
            word = chance.choice(WORDS)
            parts.append(chance.choice((word, word.upper(), word.title(), word.lower())))
        elif kind < 0.55:
            parts.append(chance.choice(SPACES))
        else:
            parts.append("".join(random_character(chance) for _ in range(chance.randint(1, 12))))
        parts.append(chance.choice((" ", " ", "", "  ")))
    return "".join(parts)


def make_clip(folder):
    vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    lines = (folder / "merges.txt").read_text(encoding="utf-8").splitlines()
    merges = [tuple(line.split(" ")) for line in lines if line and not line.startswith("#version")]
    start, end = "<|startoftext|>", "<|endoftext|>"
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, unk_token=end, end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(CLIP_WORDS), behavior="removed", invert=True),
                                                       pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{start} $A {end}", special_tokens=[(start, vocabulary[start]), (end, vocabulary[end])])
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in (start, end)])
    return tokenizer


def make_bert(vocabulary_path, lower_case):
    vocabulary = {piece: number for number, piece in enumerate(vocabulary_path.read_text(encoding="utf-8").splitlines())}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=lower_case)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"]))
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in ("[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]")])
    return tokenizer


def link_bert(folder, vocabulary_path, lower_case):
    folder.mkdir()
    (folder / "vocab.txt").symlink_to(vocabulary_path)
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer", "do_lower_case": lower_case}), encoding="utf-8")
    return folder


def count_differences(name, program, folder, tokenizer, texts, scanned):
    return sum(compare(f"{name}, {kind}", program, folder, tokenizer, some) for kind, some in (("code points", scanned), ("random", texts)))


def compare(name, program, folder, tokenizer, texts):
    done = subprocess.run([program, "model", "tokenize", folder, "--no-truncate"], input="".join(text + "\n" for text in texts).encode(),
                          stdout=subprocess.PIPE, check=True)
    ours = [json.loads(line)["ids"] for line in done.stdout.splitlines()]
    assert len(ours) == len(texts), f"{len(ours)} lines for {len(texts)} texts"
    different = [(text, own, other) for text, own in zip(texts, ours) if own != (other := tokenizer.encode(text).ids)]
    for text, own, other in different[:5]:
        print(f"{name}: {ascii(text)}\n  clippath   {own}\n  tokenizers {other}")
    print(f"{name}: {len(texts)} texts, {sum(map(len, ours))} tokens, {len(different)} differences")
    return len(different)


def main():
    program, repository, count, seed = sys.argv[1], Path(sys.argv[2]).resolve(), int(sys.argv[3]), int(sys.argv[4])
    chance = random.Random(seed)
    texts = [random_text(chance) for _ in range(count)]
    scanned = list(code_point_texts())
    golden = repository / "tests/golden/tokenizers"
    uncased = repository / "demo/model/atlas-clippath-small/vocab.txt"
    cased = golden / "bert_cased_vocab.txt"
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        wrong = count_differences("clip", program, golden / "clip", make_clip(golden / "clip"), texts, scanned)
        for name, vocabulary, lower_case in (("bert-uncased", uncased, True), ("bert-cased", cased, False)):
            folder = link_bert(home / name, vocabulary, lower_case)
            wrong += count_differences(name, program, folder, make_bert(vocabulary, lower_case), texts, scanned)
    conch = repository / "tests/golden/models/conch-tiny"
    wrong += count_differences("conch", program, conch, Tokenizer.from_file(str(conch / "tokenizer.json")), texts, scanned)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
