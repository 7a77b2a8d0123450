"""What is said about a reply of the language model that went wrong: to the log with the mend, to the reader in a line.

The causes are those of :mod:`rag.completion` and three more: ``language`` (the reply is in another language),
``unsupported`` (the documents support none of it) and none, where sentences were left out of a good reply.
"""

from __future__ import annotations

from index.types import Language

_MEND = {
    "unreachable": "cannot be reached. Start it, or check MUNDAP_LLM_BASE_URL",
    "slow": "did not answer in time. Use a smaller model or a faster machine",
    "key": "refused the key. Check MUNDAP_LLM_API_KEY",
    "unknown": "has no such model or address. Check MUNDAP_LLM_MODEL and MUNDAP_LLM_BASE_URL (it often ends in /v1)",
    "busy": "takes no more requests for now. Try again later",
    "rejected": "rejected the request. Check MUNDAP_LLM_MODEL: it must be a chat model that takes a system message",
    "overflow": "has too short a context or limit of length. Give it at least 4,096 tokens (Ollama: num_ctx)",
    "failed": "failed. Look at its own log",
    "broken": "sent something that is not a chat completion. Check MUNDAP_LLM_BASE_URL (it often ends in /v1)",
    "language": "answered in another language, twice. Use a model that knows Korean and English",
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
        "overflow": "언어 모델의 길이 한도를 넘어",
        "failed": "언어 모델 서버에 오류가 나서",
        "broken": "언어 모델 서버의 응답을 읽을 수 없어",
        "language": "언어 모델이 다른 언어로 답해",
        "unsupported": "언어 모델의 글이 문서로 확인되지 않아",
    },
    "en": {
        "unreachable": "The language model's server cannot be reached",
        "slow": "The language model did not answer in time",
        "key": "The language model's server refused the key",
        "unknown": "The language model's server has no such model or address",
        "busy": "The language model's server takes no more requests for now",
        "rejected": "The language model's server rejected the request",
        "overflow": "The language model's limit of length was exceeded",
        "failed": "The language model's server failed",
        "broken": "The language model's reply could not be read",
        "language": "The language model answered in another language",
        "unsupported": "The documents support nothing that the language model wrote",
    },
}
_ENDING = {
    ("ko", False): "{reason} 문서에서 그대로 옮겨 답합니다.",
    ("ko", True): "{reason} 답이 중간에 끊겼습니다.",
    ("en", False): "{reason}, so the answer is quoted from the documents.",
    ("en", True): "{reason}, so the answer breaks off.",
}
CAUSES = tuple(_MEND)


def mend(cause: str) -> str:
    """What a server did and what to do about it, to follow its name: ``cannot be reached. Start it, or …``."""
    return f"{_MEND[cause]}."


def notice(language: Language, cause: str, shown: bool, dropped: int) -> str:
    """One line for the reader, empty where there is nothing to tell.

    ``shown`` says whether any of the model's sentences is; ``dropped`` is how many are not.
    """
    told = [_ENDING[language, shown].format(reason=_REASON[language][cause])] if cause else []
    return " ".join(told + ([_left_out(language, dropped)] if dropped else []))


def _left_out(language: Language, dropped: int) -> str:
    if language == "ko":
        return f"문서로 확인되지 않은 문장 {dropped}개를 뺐습니다."
    sentences, were = ("sentence", "was") if dropped == 1 else ("sentences", "were")
    return f"{dropped} {sentences} that the documents do not support {were} left out."
