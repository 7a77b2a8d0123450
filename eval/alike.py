"""Does the cluster engine rank as the embedded index does? The same passages in both, asked the same questions.

``python -m eval.alike --data ../shared`` takes the paragraphs and questions of ``bench retrieval`` and starts Milvus Lite
on this machine, the small server that speaks to the same client as a cluster does. For every question it compares the ten
best passages and their scores, without a filter and with one language. A place where two passages differ by less than
:data:`TIE` counts as equal whichever comes first. It records the seconds that each search takes too, which say nothing of
a cluster's: Milvus Lite compares a query with every passage, in Python.

What it does not know: whether a cluster under load behaves as its small server does.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.bench.outcome import DATA
from eval.bench.retrieval import BATCH, load_retrieval
from eval.errors import EvalError
from eval.record import tell
from eval.run import show
from eval.servers import milvus_server
from index.builder import Builder
from index.cluster import open_corpus
from index.embed import Encoder, load_encoder
from index.engine import MILVUS
from index.errors import CorpusError
from index.manifest import Fingerprint
from index.types import Article, Filter, Hit
from rag import Assistant
from rag.settings import be_quiet

TOP = 10
TIE = 2e-4  # scores are rounded to four digits
FILTERS: Mapping[str, Filter | None] = {"no filter": None, "Korean alone": Filter(languages=frozenset({"ko"}))}


def index(home: Path, articles: Sequence[Article], encoder: Encoder, url: str | None = None) -> Assistant:
    """An assistant over ``articles``, indexed in ``home`` and where ``url`` says."""
    home.mkdir()
    builder = Builder(home, encoder, url)
    builder.check()
    for start in range(0, len(articles), BATCH):
        show(start, len(articles), "indexing")
        builder.add([(a, Fingerprint(a.id, len(a.text), 0)) for a in articles[start : start + BATCH]])
    builder.finish()
    builder.close()
    return Assistant(open_corpus(home, encoder, url))


def apart(one: Sequence[Hit], other: Sequence[Hit]) -> list[str]:
    """Where two rankings differ, by more than the order of passages that are as good as each other."""
    found = [] if len(one) == len(other) else [f"{len(one)} and {len(other)} passages"]
    scores = {hit.passage_id: hit.score for hit in (*one, *other)}
    last = min((hit.score for hit in one), default=0.0)
    for place, (a, b) in enumerate(zip(one, other, strict=False), 1):
        near = abs(scores[a.passage_id] - scores[b.passage_id]) <= TIE
        if abs(a.score - b.score) > TIE or not near:
            found.append(f"place {place}: {a.passage_id} ({a.score}) and {b.passage_id} ({b.score})")
    strangers = {hit.passage_id for hit in other} - {hit.passage_id for hit in one}
    return found + [f"{i} alone" for i in sorted(strangers) if scores[i] > last + TIE]


def measure(data: Path, encoder: Encoder) -> dict[str, Any]:
    """What the two say to every question of the benchmark, compared.

    :raises EvalError: if the benchmark is not below ``data``, saying where it comes from.
    :raises CorpusError: if Milvus Lite is not installed.
    """
    be_quiet()
    articles, queries = load_retrieval(data)
    seconds, differ = {"embedded": 0.0, "milvus": 0.0}, []
    with tempfile.TemporaryDirectory(prefix="mundap-alike-", ignore_cleanup_errors=True) as name:
        place = Path(name)
        with milvus_server(place / "milvus") as url:
            embedded = index(place / "embedded", articles, encoder)
            cluster = index(place / "cluster", articles, encoder, MILVUS + url)
            for number, query in enumerate(queries):
                show(number, len(queries), "asking")
                for kind, only in FILTERS.items():
                    found = []
                    for engine, assistant in (("embedded", embedded), ("milvus", cluster)):
                        started = time.perf_counter()
                        found.append(assistant.search(query.text, TOP, only))
                        seconds[engine] += time.perf_counter() - started
                    differ += [f"{query.text} ({kind}): {what}" for what in apart(*found)]
    asked = len(queries) * len(FILTERS)
    spent = {engine: round(1000 * total / asked, 1) for engine, total in seconds.items()}
    return {"paragraphs": len(articles), "searches": asked, "differ": differ, "ms_a_search": spent}


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, print what differs and record it where asked; 1 where anything does, 2 where it cannot be compared."""
    parser = argparse.ArgumentParser("python -m eval.alike", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the data that is not passed on")
    parser.add_argument("--encoder", help="words, or a sentence-transformers model; by default the bundled one")
    parser.add_argument("--record", action="store_true", help="write the outcome to eval/results")
    options = parser.parse_args(arguments)
    try:
        found = measure(options.data, load_encoder(options.encoder))
    except (EvalError, CorpusError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    tell("alike", "python -m eval.alike", found, keep=options.record)
    return int(bool(found["differ"]))


if __name__ == "__main__":
    sys.exit(main())
