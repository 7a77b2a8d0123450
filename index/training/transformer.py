"""MiniLM's body over a table of English and Korean word pieces, in torch: what is trained before it is shipped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as functional
from tokenizers import Tokenizer
from transformers import AutoModel

from index.network import WORDS
from index.training import export, graph
from index.training.teacher import DIMENSIONS, teacher_folder
from index.training.vocabulary import Start

Array = npt.NDArray[np.float32]

SHORT = 192  # tokens of a text that is read for measuring
TEACHER_WORDS = "body.embeddings.word_embeddings.weight"


class Transformer(torch.nn.Module):
    """A BERT whose English rows stay as they are and whose Korean rows are learnt; the body is frozen at first."""

    def __init__(self, start: Start, body: Any = None) -> None:
        """``body`` is a transformers BertModel, by default MiniLM's; its own word embeddings are dropped."""
        super().__init__()
        self.tokenizer, self.english = start.tokenizer, start.english
        self.body = minilm() if body is None else body
        self.body.embeddings.word_embeddings = torch.nn.Embedding(1, DIMENSIONS)
        self.body.pooler = None
        self.en = torch.nn.Parameter(torch.tensor(start.first[: start.english]), requires_grad=False)
        self.ko = torch.nn.Parameter(torch.tensor(start.first[start.english :]))
        self.body.requires_grad_(False)
        self.body.eval()

    @classmethod
    def shipped(cls, folder: Path) -> Transformer:
        """The network of a model folder, to learn on from there."""
        words = export.read_weights(folder)["embeddings.word_embeddings.weight"]
        pieces = Tokenizer.from_file(str(folder / "tokenizer.json"))
        english = min(number for piece, number in pieces.get_vocab().items() if re.search("[가-힣]", piece))
        return cls(Start(pieces, words, english), export.read_body(folder))

    def unfreeze(self) -> list[torch.nn.Parameter]:
        """Let the body learn from here on; its parameters, without the word embeddings, which are unused."""
        learnt = [each for name, each in self.named_parameters() if name.startswith("body.") and name != TEACHER_WORDS]
        for parameter in learnt:
            parameter.requires_grad = True
        return learnt

    def states(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The last hidden states (n, tokens, 384) for ids and mask (n, tokens)."""
        english = functional.embedding(ids.clamp(max=self.english - 1), self.en)
        korean = functional.embedding((ids - self.english).clamp(min=0), self.ko, sparse=True)
        words = torch.where((ids >= self.english)[..., None], korean, english)
        output = self.body(inputs_embeds=words, attention_mask=mask)
        states: torch.Tensor = output.last_hidden_state
        return states

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The mean of each row's states, (n, 384), of length 1."""
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=torch.is_grad_enabled()):
            states = self.states(ids, mask)
        weights = mask[..., None].float()
        return functional.normalize((states.float() * weights).sum(1) / weights.sum(1), dim=1)

    def vectors(self, texts: Sequence[str], limit: int) -> torch.Tensor:
        """Vectors (len(texts), 384) of the first ``limit`` tokens, to learn from; run in thirds of like length.

        What a third leaves behind is small enough for the processor's cache, which halves the time.
        """
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        size = max(8, len(texts) // 3)
        parts = [self._run([texts[n] for n in order[a : a + size]], limit) for a in range(0, len(order), size)]
        back = torch.empty(len(order), dtype=torch.long)
        back[torch.tensor(order)] = torch.arange(len(order))
        return torch.cat(parts)[back]

    @torch.no_grad()
    def encode(self, texts: Sequence[str]) -> Array:
        """Vectors (len(texts), 384) to measure with."""
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        found = np.zeros((len(texts), DIMENSIONS), np.float32)
        for start in range(0, len(order), 64):
            chosen = order[start : start + 64]
            found[chosen] = self._run([texts[number] for number in chosen], SHORT).numpy()
        return found

    def _run(self, texts: Sequence[str], limit: int) -> torch.Tensor:
        rows = [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]
        vectors: torch.Tensor = self(
            *padded([ids if len(ids) <= limit else [*ids[: limit - 1], ids[-1]] for ids in rows])
        )
        return vectors

    def weights(self) -> dict[str, Array]:
        """The weights by the names that :func:`index.training.graph.write` wants."""
        held = {name: tensor for name, tensor in self.state_dict().items() if name not in ("en", "ko", TEACHER_WORDS)}
        return {name.removeprefix("body."): tensor.detach().float().numpy() for name, tensor in held.items()}

    def ship(self, folder: Path) -> None:
        """Write ``tokenizer.json``, ``words.safetensors`` and ``encoder.onnx`` as :mod:`index.network` reads them."""
        folder.mkdir(parents=True, exist_ok=True)
        self.tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
        graph.write_words(torch.cat([self.en, self.ko]).detach().numpy(), folder / WORDS)
        graph.write(self.weights(), folder / "encoder.onnx")


def minilm() -> Any:
    """The teacher's own network."""
    return AutoModel.from_pretrained(str(teacher_folder()), attn_implementation="eager")


def padded(rows: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of numbers and their mask, both (n, longest); padding is 0."""
    shape = (len(rows), max(map(len, rows)))
    numbers, mask = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
    for place, row in enumerate(rows):
        numbers[place, : len(row)] = torch.tensor(row)
        mask[place, : len(row)] = 1
    return numbers, mask
