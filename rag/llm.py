"""Answers written by a language model behind an OpenAI-compatible server, held to the verifier.

The model sees numbered passages and writes; each sentence of the stream is matched with the exact sentence of a passage
that supports it, and one that nothing supports is dropped. Whatever goes wrong with the server, an answer still comes:
the extractive one. The documents are taken to be hostile, and the model to obey them: what it cannot do is add a
sentence that no document supports.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from index.korean import HANGUL
from index.normalise import language_of
from index.terms import analyse
from index.types import Language
from rag.completion import DEADLINE, Completion, Part, ServerFailure
from rag.evidence import Evidence
from rag.generate import Draft, Extractive
from rag.material import Document, Message, messages, number
from rag.query import Query
from rag.reply import Sentence, Splitter
from rag.settings import Settings
from rag.verify import overlap, verify

CONNECT = 5.0  # seconds
PAUSE = 60.0  # seconds without a byte: a large prompt on a CPU takes this long before the first token
SENTENCES = 8  # sentences shown; the prompt asks for three
READ = 40  # sentences read before the model is taken to ramble
SOURCES = 3  # spans cited for one sentence
NO_ANSWER = "NO_ANSWER"
_LETTERS = 20  # a shorter sentence may be a name or a figure, which has no language; a syllable counts as two
# What asks the reader something, or to do something, states nothing that a document could support.
_REQUEST = re.compile(
    r"[?？][\"'”’)]*$|^(?:please|kindly)\b|\bplease\b[^“\"]*$|(?:세요|십시오|시오|바랍니다|바란다|해라|하라)[.!]*$",
    re.I,
)
log = logging.getLogger(__name__)

# Cause → what the log says and how to mend it, and what the reader is told in either language.
_LOG = {
    "unreachable": "cannot be reached. Start it, or check MUNDAP_LLM_BASE_URL",
    "slow": "did not answer in time. Use a smaller model or a faster machine",
    "key": "refused the key. Check MUNDAP_LLM_API_KEY",
    "unknown": "has no such model or address. Check MUNDAP_LLM_MODEL and MUNDAP_LLM_BASE_URL (it often ends in /v1)",
    "busy": "takes no more requests for now. Try again later",
    "rejected": "rejected the request. Its context may be too short (4,096 tokens are needed)",
    "failed": "failed",
    "broken": "sent something that is not a chat completion. Check MUNDAP_LLM_BASE_URL (it often ends in /v1)",
    "unsupported": "wrote nothing that the documents support",
}
_REASON: dict[Language, dict[str, str]] = {
    "ko": {
        "unreachable": "언어 모델 서버에 연결할 수 없어",
        "slow": "언어 모델이 제때 응답하지 않아",
        "key": "언어 모델 서버가 인증 키를 거부해",
        "unknown": "언어 모델 서버에 그런 모델이나 주소가 없어",
        "busy": "언어 모델 서버가 지금 요청을 더 받지 않아",
        "rejected": "언어 모델 서버가 요청을 받아들이지 않아",
        "failed": "언어 모델 서버에 오류가 나서",
        "broken": "언어 모델 서버의 응답을 읽을 수 없어",
        "unsupported": "언어 모델의 글이 문서로 확인되지 않아",
    },
    "en": {
        "unreachable": "The language model's server cannot be reached",
        "slow": "The language model did not answer in time",
        "key": "The language model's server refused the key",
        "unknown": "The language model's server has no such model or address",
        "busy": "The language model's server takes no more requests for now",
        "rejected": "The language model's server rejected the request",
        "failed": "The language model's server failed",
        "broken": "The language model's reply could not be read",
        "unsupported": "The documents support nothing that the language model wrote",
    },
}
_ENDING = {
    ("ko", False): "{reason} 문서에서 그대로 옮겨 답합니다.",
    ("ko", True): "{reason} 답이 중간에 끊겼습니다.",
    ("en", False): "{reason}, so the answer is quoted from the documents.",
    ("en", True): "{reason}, so the answer breaks off.",
}


class LanguageModel:
    """Writes drafts with a model, or leaves them to the extractive generator.

    ``note`` is one line for the reader about the latest reply, in the answer's language, empty where all went well.
    ``counts`` adds up ``replies``, ``sentences`` read, ``dropped`` ones and ``fallbacks``. The key is kept out of repr.
    """

    def __init__(
        self,
        base_url: str,
        model: str | None = None,
        api_key: str | None = None,
        *,
        pause: float = PAUSE,
        deadline: float = DEADLINE,
    ) -> None:
        self._base_url, self._key = base_url, api_key
        self.model = model or "default"  # llama.cpp and other servers of one model take any name
        self.name = f"llm:{self.model}"
        self.note = ""
        self.counts: Counter[str] = Counter()
        self._pause, self._deadline = pause, deadline
        self._otherwise = Extractive()

    @classmethod
    def from_settings(cls, settings: Settings) -> LanguageModel:
        """The model that ``settings`` name.

        :raises ValueError: if they name no server.
        """
        if not settings.llm_base_url:
            raise ValueError("No language model is set. Set MUNDAP_LLM_BASE_URL, such as http://127.0.0.1:11434/v1.")
        return cls(settings.llm_base_url, settings.llm_model, settings.llm_api_key)

    def __repr__(self) -> str:
        return f"LanguageModel({self.model!r} at {self.address}, key {'***' if self._key else 'none'})"

    @property
    def address(self) -> str:
        """The server's address without a password or a query, which may be secrets."""
        try:
            parts = urlsplit(self._base_url)
        except ValueError:
            return "an address that is none"
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    def drafts(self, query: Query, question: str, ranked: Sequence[Evidence]) -> Iterator[Draft]:
        """A draft for each sentence of the reply that evidence supports, as soon as it is whole.

        A reply of ``NO_ANSWER`` alone gives no draft. A failure, or a reply with no supported sentence, gives the
        extractive generator's drafts; a failure after a first draft ends the answer there.
        """
        self.note = ""
        self.counts["replies"] += 1
        shown, cause = 0, ""
        try:
            for item in self._supported(query, question, ranked):
                if item is None:
                    return
                shown += 1
                yield item
        except ServerFailure as failure:
            cause = failure.cause
        if cause or not shown:
            self._tell(cause or "unsupported", query.reply, bool(shown))
        if not shown:
            self.counts["fallbacks"] += 1
            yield from self._otherwise.drafts(query, question, ranked)

    def _supported(self, query: Query, question: str, ranked: Sequence[Evidence]) -> Iterator[Draft | None]:
        """Supported sentences of the reply; ``None`` for the reply that the documents do not answer."""
        documents = number(ranked)
        seen: set[str] = set()
        for count, sentence in enumerate(self._sentences(messages(query, question, documents), len(documents))):
            if count == 0 and sentence.text.strip(" .") == NO_ANSWER:
                yield None
            self.counts["sentences"] += 1
            draft = attribute(sentence, documents, query.reply)
            if draft is not None and draft.text not in seen:
                seen.add(draft.text)
                yield draft
            self.counts["dropped"] += draft is None
            if len(seen) == SENTENCES or count + 1 == READ:
                return

    def _sentences(self, asked: Sequence[Message], documents: int) -> Iterator[Sentence]:
        splitter = Splitter(documents)
        reply = Completion(self._parts(asked), self._deadline)
        try:
            for piece in reply:
                yield from splitter.feed(piece)
            yield from splitter.close(reply.complete)
        finally:
            reply.stop()

    def _parts(self, asked: Sequence[Message]) -> Generator[Part, None, None]:
        import httpx
        from llama_index.core.llms import ChatMessage
        from llama_index.llms.openai_like import OpenAILike

        limits = httpx.Timeout(self._pause, connect=min(CONNECT, self._pause))
        with httpx.Client(timeout=limits, follow_redirects=False) as client:
            llm = OpenAILike(
                model=self.model,
                api_base=self._base_url,
                # Without a key of its own the library would send the server OPENAI_API_KEY from the environment.
                api_key=self._key or "none",
                is_chat_model=True,
                temperature=0.0,
                max_retries=0,
                timeout=self._pause,
                http_client=client,
            )
            for part in llm.stream_chat([ChatMessage(**message) for message in asked], timeout=limits):
                yield part.delta or "", _ended(part.raw)

    def _tell(self, cause: str, language: Language, shown: bool) -> None:
        log.warning("The language model at %s %s.", self.address, _LOG[cause])
        self.note = _ENDING[language, shown].format(reason=_REASON[language][cause])


def _ended(chunk: Any) -> bool:
    """Whether a chunk ends the reply of the model's own accord, and not at a limit of length."""
    return bool(chunk is not None and chunk.choices and chunk.choices[0].finish_reason == "stop")


def attribute(sentence: Sentence, documents: Sequence[Document], language: Language) -> Draft | None:
    """``sentence`` with the exact spans that support it, or ``None`` where there are none.

    Of every document that it claims the best supporting sentence is cited. Where no claim holds, or none is made, the
    best of all documents is: a wrong marker is put right, and a missing one is found.
    """
    if not analyse(sentence.text) or _REQUEST.search(sentence.text) or not _in_language(sentence.text, language):
        return None
    claimed = [d for d in documents if d.number in sentence.numbers]
    spans = [span for d in claimed if (span := best(sentence.text, d.sentences)) is not None]
    if not spans:
        rest = [item for d in documents if d not in claimed for item in d.sentences]
        spans = [span for span in [best(sentence.text, rest)] if span is not None]
    unique = {(item.article.id, item.span): item for item in spans}
    return Draft(sentence.text, tuple(unique.values())[:SOURCES]) if unique else None


def best(sentence: str, candidates: Sequence[Evidence]) -> Evidence | None:
    """The candidate that supports ``sentence`` and shares most with it; of equals the one ranked first."""
    fitting = [item for item in candidates if verify(sentence, item.text, item.article.published).supported]
    return max(fitting, key=lambda item: overlap(sentence, item.text), default=None)


def _in_language(text: str, language: Language) -> bool:
    return sum(c.isalpha() for c in text) + len(HANGUL.findall(text)) < _LETTERS or language_of(text) == language
