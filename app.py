"""The chat in the browser. Run it with ``mundap chat``; the page itself is in :mod:`ui`.

``demo`` is the page, as hosts of Gradio apps expect it; importing it opens and indexes nothing.
"""

from __future__ import annotations

from rag.log import configure
from rag.settings import Settings, be_quiet

be_quiet()  # before gradio, which contacts its makers at import
configure(Settings.from_env().log_level)

from ui.serve import build, close, launch  # noqa: E402

__all__ = ["build", "close", "demo", "launch"]

demo = build()

if __name__ == "__main__":  # by way of the command line, which says what is wrong in one line
    from cli import app

    app(["chat"])
