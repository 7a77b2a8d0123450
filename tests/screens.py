"""Pictures of the page's main states over the sample articles, for ``eval/results/screens``: ``make screens``."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

import app
from browser import NARROW, Visit, browsing, visiting
from rag.settings import Settings
from ui.desk import ensure_index
from ui.labels import LABELS

FOLDER = Path(__file__).resolve().parent.parent / "eval" / "results" / "screens"
COLOURS = 96  # of a picture: text stays sharp and the file small
QUESTION = "윤 대통령의 미국 국빈 방문으로 유치한 투자액은 얼마인가요?"
ASKED = "How many venture capital firms met Korean startups in Boston?"
UNANSWERED = "Who won the tennis final in Melbourne?"


@contextmanager
def served() -> Iterator[str]:
    """The page over the samples, in a home that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder) / "home")
        ensure_index(settings)
        page = app.launch(settings=settings, block=False)
        yield page.local_url
        app.close(page)


def picture(visit: Visit, name: str) -> None:
    """Write what is on the screen as a small PNG."""
    visit.page.wait_for_timeout(400)  # fonts and folds come to rest
    whole = Image.open(io.BytesIO(visit.page.screenshot()))
    whole.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)


def main() -> None:
    """Take every picture."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with served() as address, browsing() as browser:
        _wide(browser, address)
        with visiting(browser, address, "ko", NARROW) as visit:
            visit.ask(QUESTION)
            picture(visit, "phone")
            visit.page.locator(".answer .marker").first.click()
            picture(visit, "phone-evidence")


def _wide(browser: Any, address: str) -> None:
    with visiting(browser, address, "ko") as visit:
        visit.page.locator(".example").first.wait_for()
        picture(visit, "start")
        visit.ask(QUESTION)
        picture(visit, "answer")
        visit.page.get_by_role("tab", name=LABELS["ko"]["documents"]).click()
        visit.page.locator(".listing tbody tr").first.wait_for()
        picture(visit, "documents")
        visit.page.get_by_role("tab", name=LABELS["ko"]["overview"]).click()
        visit.page.locator(".overview .words").first.wait_for()
        picture(visit, "overview")
    with visiting(browser, address, "en", color_scheme="dark") as visit:
        visit.ask(ASKED)
        picture(visit, "answer-dark")
        visit.ask(UNANSWERED, ".answer.refused")
        picture(visit, "refusal-dark")


if __name__ == "__main__":
    main()
