"""Learning the bundled cross-encoder: to find the sentence that answers, or to see that none does.

It starts from the bundled encoder's layers and shares its word embeddings, which stay as they are. It learns from the
project's own reports and passages, question and report in either language, with answers taken away, foreign sentences
put before or after, and foreign reports in place of the right one. The loss is the negative log-likelihood of the
sentence's tokens (marginal over them where the words that answer are not marked: Clark and Gardner 2018) or of the first
token, which stands for "no answer" (Devlin et al. 2019).
"""

from __future__ import annotations

import json
import logging
import random
import shutil
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional
from transformers import BertConfig, BertModel

from index.network import MODEL, WORDS, Vocabulary, padded
from index.reading import GRAPH, NONE, SIGNS, Reading, Sheet, judge, sheet, vocabulary
from index.training import card, data, graph
from index.training.distractors import anchored, neighbours, turned
from index.training.exercises import Exercise, measure, read
from index.training.export import read_graph
from index.training.loop import Course, follow, save, schedule

log = logging.getLogger(__name__)

STEPS = 5000
BATCH, PART = 16, 8
NEARBY = 6  # batches drawn at once, so that those of like length share one
RATE, NEW_RATE = 1e-4, 5e-4  # of the encoder's layers, and of what it did not have
WARM, LEAST = 60, 0.02
UNSEEN = 0.04  # share of tokens whose embedding is left out, so that none is relied upon
# How often an exercise is spoilt: its answer taken away, a word of its question turned (most have none that can be), or
# another report in its place; how often foreign sentences stand beside it, and its title before it.
SPOILT = (0.1, 0.4, 0.13)
WIDENED, TITLED = 0.2, 0.3
MOST_FOREIGN = 4
NEAR = 0.3  # how often another report is one of like subject though the question does not say what it is about
MARKED = 0.5  # weight of the marked words beside the marked sentence
MEASURED = 600  # steps between two measurings
EXERCISES = 300  # measured each time
_LOW = -1e4


@dataclass(frozen=True, slots=True)
class Scene:
    """An exercise as it is put: tokens, the sentence that answers, and the first and last token of its words."""

    sheet: Sheet
    sentence: int | None
    words: tuple[int, int] | None = None


class Comprehension(torch.nn.Module):
    """The network of :class:`index.reading.CrossEncoder` in torch."""

    def __init__(self, known: Vocabulary, start: Path = MODEL / "encoder.onnx") -> None:
        """Layers as in the graph ``start``, an encoder's or a cross-encoder's; ``known`` gives the words' embeddings."""
        super().__init__()
        self.known = known
        weights = {name: torch.tensor(each) for name, each in read_graph(start).items()}
        config = BertConfig(
            vocab_size=1,
            hidden_size=graph.HIDDEN,
            num_hidden_layers=sum(name.endswith("intermediate.dense.weight") for name in weights),
            num_attention_heads=graph.HEADS,
            intermediate_size=len(weights["encoder.layer.0.intermediate.dense.weight"]),
            layer_norm_eps=graph.EPSILON,
            # Dropping at random costs as much on a processor as all of the rest; words are left out instead.
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        config._attn_implementation = "eager"
        self.body = BertModel(config, add_pooling_layer=False)
        self.body.load_state_dict(weights, strict=False)
        self.match = torch.nn.Parameter(0.02 * torch.randn(SIGNS, graph.HIDDEN))
        self.head = torch.nn.Linear(graph.HIDDEN, 2)
        if "match" in weights:
            self.match.data = weights["match"]
            self.head.load_state_dict({"weight": weights["head.weight"], "bias": weights["head.bias"]})

    def forward(self, sheets: Sequence[Sheet]) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits (n, tokens, 2) of first and last token, and places (n, tokens), padding being in no sentence."""
        ids, feeds = padded([each.row for each in sheets])
        types, mask, match = (torch.tensor(feeds[name]) for name in ("types", "mask", "match"))
        words = torch.tensor(self.known.embeddings(ids))
        if self.training:
            words = words * (torch.rand(ids.shape) > UNSEEN)[..., None]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = self.body(
                inputs_embeds=words + match @ self.match, attention_mask=mask.long(), token_type_ids=types.long()
            ).last_hidden_state
            logits: torch.Tensor = self.head(states)
        places = torch.full(ids.shape, NONE)
        for row, each in enumerate(sheets):
            places[row, : len(each.places)] = torch.tensor(each.places)
        return logits.float(), places

    @torch.no_grad()
    def read(self, question: str, passages: Sequence[Sequence[str]]) -> list[Reading]:
        """As :meth:`index.reading.CrossEncoder.read`, by the weights as they are now."""
        learning = self.training
        self.eval()
        found = []
        for passage in passages:
            laid = scene(self.known, question, passage, None, None).sheet
            found.append(judge(self.known, laid, self([laid])[0][0].numpy(), passage))
        self.train(learning)
        return found

    def ship(self, path: Path) -> None:
        """Write the graph that :mod:`index.reading` runs."""
        held = {name: each.detach().float().numpy() for name, each in self.state_dict().items()}
        graph.write({name.removeprefix("body."): each for name, each in held.items()}, path)


def negative_likelihood(logits: torch.Tensor, places: torch.Tensor, scenes: Sequence[Scene]) -> torch.Tensor:
    """The mean negative log-likelihood of what answers; ``logits`` and ``places`` as :class:`Comprehension` gives them."""
    candidates = places != NONE
    candidates[:, 0] = True
    begins = functional.log_softmax(logits[..., 0].masked_fill(~candidates, _LOW), dim=1)
    losses = []
    for row, scene in enumerate(scenes):
        if scene.sentence is None:
            losses.append(-begins[row, 0])
            continue
        inside = places[row] == scene.sentence
        losses.append(-torch.logsumexp(begins[row][inside], 0))
        if scene.words:
            ends = functional.log_softmax(logits[row, :, 1].masked_fill(~inside, _LOW), dim=0)
            losses.append(-MARKED * (begins[row, scene.words[0]] + ends[scene.words[1]]))
    return torch.stack(losses).sum() / len(scenes)


class Practice:
    """Exercises in random order, each put in another way every time."""

    def __init__(self, network: Comprehension, exercises: Sequence[Exercise], seed: int) -> None:
        self.network, self.exercises = network, exercises
        self.random = random.Random(seed)
        self.waiting: list[int] = []
        self.ready: list[list[Scene]] = []
        self.went: deque[float] = deque(maxlen=50)
        self.near = neighbours(exercises)

    def loss(self) -> torch.Tensor:
        """The loss of the next batch."""
        if not self.ready:
            scenes = sorted((self._next() for _ in range(BATCH * NEARBY)), key=lambda each: len(each.sheet.row.ids))
            self.ready = [scenes[start : start + BATCH] for start in range(0, len(scenes), BATCH)]
            self.random.shuffle(self.ready)
        scenes = self.ready.pop()
        losses = []
        for start in range(0, BATCH, PART):  # what a part leaves behind stays in the processor's cache: half the time
            part = scenes[start : start + PART]
            logits, places = self.network([each.sheet for each in part])
            losses.append(negative_likelihood(logits, places, part))
        value = torch.stack(losses).mean()
        self.went.append(float(value.detach()))
        return value

    def report(self) -> dict[str, float]:
        return {"loss": round(float(np.mean(self.went)), 3)}

    def state(self) -> dict[str, Any]:
        """A batch that was drawn and not used is drawn anew from other exercises."""
        return {"random": self.random.getstate(), "waiting": list(self.waiting)}

    def restore(self, state: dict[str, Any]) -> None:
        self.random.setstate(state["random"])
        self.waiting = [number for number in state["waiting"] if number < len(self.exercises)]

    def _next(self) -> Scene:
        if not self.waiting:
            self.waiting = list(range(len(self.exercises)))
            self.random.shuffle(self.waiting)
        return self._put(self.waiting.pop())

    def _put(self, number: int) -> Scene:
        exercise, draw = self.exercises[number], self.random
        asked, told = draw.randrange(2), draw.randrange(2)
        question, source, gold = exercise.question[asked], exercise, exercise.sentence
        taken: int | None = None
        if gold is not None:  # now and then made such that nothing answers any more
            way = draw.choices(("as it is", "taken", "turned", "foreign"), (1 - sum(SPOILT), *SPOILT))[0]
            if way == "taken":
                taken, gold = gold, None
            elif way == "turned" and (other := turned(question, exercise.report[asked], asked, draw)) is not None:
                question, gold = other, None
            elif way == "foreign" and (foreign := self._foreign(number)).report != exercise.report:
                source, gold = foreign, None
        report = [sentence for place, sentence in enumerate(source.report[told]) if place != taken]
        if draw.random() < WIDENED:
            report, gold = self._widened(report, gold, draw.choice(self.near[number]).report[told])
        if source.title and draw.random() < TITLED:
            report, gold = [source.title, *report], None if gold is None else gold + 1
        words = exercise.answer[told] if exercise.answer and gold is not None else None
        return scene(self.network.known, question, report, gold, words)

    def _foreign(self, number: int) -> Exercise:
        """Another report: one of like subject, where that surely does not answer, else any."""
        near = anchored(self.exercises[number].question) or self.random.random() < NEAR
        return self.random.choice(self.near[number] if near else self.exercises)

    def _widened(self, report: list[str], gold: int | None, other: Sequence[str]) -> tuple[list[str], int | None]:
        """Some sentences of another report before or after."""
        count = self.random.randint(1, min(MOST_FOREIGN, len(other)))
        start = self.random.randint(0, len(other) - count)
        more = list(other[start : start + count])
        if self.random.random() < 0.5:
            return [*more, *report], None if gold is None else gold + count
        return [*report, *more], gold


def scene(known: Vocabulary, question: str, report: Sequence[str], gold: int | None, words: str | None) -> Scene:
    """Question and report as tokens; ``words`` is what answers in sentence ``gold``."""
    (asked,) = known.pieces([question])
    laid = sheet(known, asked, known.pieces(report))
    first = np.flatnonzero(laid.places == gold) if gold is not None else ()
    if gold is None or not len(first):  # what was cut off is not there to be found
        return Scene(laid, None)
    if words is None:
        return Scene(laid, gold)
    start = report[gold].find(words)
    inside = [n for n, (a, b) in enumerate(known.offsets(report[gold])) if a < start + len(words) and b > start]
    if not inside or inside[-1] >= len(first):
        return Scene(laid, gold)
    return Scene(laid, gold, (int(first[inside[0]]), int(first[inside[-1]])))


def train(source: Path, out: Path, work: Path, steps: int = STEPS, seed: int = 0, on: bool = False) -> None:
    """Learn the cross-encoder from ``source`` and write the model folder ``out`` with its card.

    ``on``: from the one that ``out`` holds, instead of from the encoder's layers. What is written then lies half-way
    between that one and what was learned, see :func:`halfway`.
    """
    torch.manual_seed(seed)
    learnt, held = read(data.read_corpus(source))
    log.info("%d exercises, %d of them with words marked; %d held back", len(learnt), sum(e.answer is not None for e in learnt), len(held))  # fmt: skip
    if not on:  # from here on both learn apart
        out.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(MODEL / WORDS, out / WORDS)
    network = Comprehension(vocabulary(out), out / GRAPH if on else MODEL / "encoder.onnx")
    network.train()
    some = random.Random(seed).sample(held, min(EXERCISES, len(held)))

    def tell(step: int) -> None:
        if step % MEASURED == 0 or step == steps:
            log.info("held back: %s", json.dumps(measure(network, some)))

    follow(course(network, learnt, steps, seed), steps, work / "reader.pt", seed, after=tell)
    save(network.state_dict(), work / "finished.pt")
    if on:
        began = Comprehension(network.known, out / GRAPH).state_dict()
        network.load_state_dict(halfway(began, network.state_dict()))
    network.ship(out / GRAPH)
    card.write_reader(
        source, out, f"python -m index.train reader --data ../shared --steps {steps} --seed {seed}{' --on' * on}"
    )


def halfway(before: Mapping[str, torch.Tensor], after: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The mean of two states of one network, which holds better on other texts than either (Wortsman et al. 2022,
    *Robust Fine-Tuning of Zero-Shot Models*)."""
    return {name: (each + after[name]) / 2 if each.is_floating_point() else each for name, each in before.items()}


def course(network: Comprehension, learnt: Sequence[Exercise], steps: int, seed: int) -> Course:
    """The network on its way."""
    fresh = [network.match, *network.head.parameters()]
    body = [each for name, each in network.body.named_parameters() if "word_embeddings" not in name]
    groups = [{"params": body, "lr": RATE}, {"params": fresh, "lr": NEW_RATE}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    rates = schedule(optimizer, steps, WARM, LEAST)
    return Course(network, Practice(network, learnt, seed), [optimizer], [rates], [*body, *fresh])
