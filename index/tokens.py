"""Lengths in tokens, by tiktoken, from a vocabulary that is on the machine already.

tiktoken fetches its vocabularies at first use. llama-index-core ships the same files (their hashes equal the ones that
tiktoken checks), so tiktoken's cache is pointed there: nothing is fetched.
"""

from __future__ import annotations

import functools
import importlib.util
import os
from pathlib import Path
from typing import Any

ENCODING = "o200k_base"  # about 0.6 tokens a Hangul syllable, where cl100k_base takes 1


@functools.cache
def _encoding() -> Any:
    spec = importlib.util.find_spec("llama_index.core")
    if spec and spec.submodule_search_locations and "TIKTOKEN_CACHE_DIR" not in os.environ:
        cache = Path(next(iter(spec.submodule_search_locations))) / "_static" / "tiktoken_cache"
        os.environ["TIKTOKEN_CACHE_DIR"] = str(cache)
    import tiktoken

    return tiktoken.get_encoding(ENCODING)


def count(text: str) -> int:
    """How many tokens ``text`` takes; text that looks like a control token is counted as plain text."""
    return len(_encoding().encode(text, disallowed_special=()))
