"""The chat in the browser. Run it with ``mundap chat``; the page itself is in :mod:`ui`.

``demo`` is the page, as hosts of Gradio apps expect it; importing it opens and indexes nothing.
"""

from __future__ import annotations

from rag.settings import be_quiet

be_quiet()  # before gradio, which contacts its makers at import

from ui.serve import build, launch  # noqa: E402

__all__ = ["build", "demo", "launch"]

demo = build()

if __name__ == "__main__":
    launch()
