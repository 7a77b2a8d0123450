"""Ask questions in Korean or English over a person's own documents; every answer is cited and verified.

>>> from rag import Assistant, Settings
>>> assistant = Assistant.from_settings(Settings.from_env())
>>> answer = assistant.ask("K-바이오 랩 허브에 얼마를 투자하나요?")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rag.settings import Settings
from rag.types import Answer, Citation, Filter, Turn

if TYPE_CHECKING:
    from rag.assistant import Assistant

__all__ = ["Answer", "Assistant", "Citation", "Filter", "Settings", "Turn"]


def __getattr__(name: str) -> Any:
    """``Assistant`` is imported at first use: it brings the index and its libraries."""
    if name == "Assistant":
        from rag.assistant import Assistant

        return Assistant
    raise AttributeError(f"module 'rag' has no attribute {name!r}")
