"""What to do about a finding of ``mundap doctor``, in Korean; the finding itself says it in English."""

from __future__ import annotations

from rag.doctor import Finding

_KOREAN = {
    ("home", "problem"): "MUNDAP_HOME을 직접 쓸 수 있는 폴더로 정하십시오",
    ("home", "warning"): "그 디스크에 자리를 만들거나 MUNDAP_HOME을 다른 디스크의 폴더로 정하십시오",
    ("models", "problem"): "Mundap을 다시 설치하십시오: pip install --force-reinstall mundap",
    ("encoder", "problem"): "MUNDAP_EMBEDDER를 확인하십시오(폴더나 모델 이름). 비워 두면 내장 모델을 씁니다",
    ("index", "ok"): "문서를 넣으십시오: mundap index PATH",
    ("index", "warning"): "마지막 명령을 다시 실행하십시오",
    (
        "index",
        "problem",
    ): "MUNDAP_EMBEDDER를 되돌리거나 mundap index --rebuild를 실행하십시오. 읽을 수 없는 색인이면 홈 폴더를 "
    "지우고 문서를 다시 색인하십시오",
    (
        "vectors",
        "problem",
    ): "벡터를 다시 만드십시오: mundap index --rebuild. MUNDAP_CHROMA_URL을 정했다면 그 서버부터 확인하십시오",
    ("fonts", "warning"): "한글 글꼴을 설치하십시오. 예: fonts-noto-cjk",
    ("settings", "ok"): "언어 모델이 답을 쓰게 하려면 MUNDAP_LLM_BASE_URL(Ollama: http://127.0.0.1:11434/v1), "
    "MUNDAP_LLM_MODEL, 서버가 요구하면 MUNDAP_LLM_API_KEY를 정하십시오",
    ("settings", "problem"): "MUNDAP_LLM_BASE_URL은 http:// 또는 https://로 시작하고 호스트가 있어야 합니다",
    ("server", "problem"): "서버를 켜고 MUNDAP_LLM_BASE_URL(흔히 /v1로 끝남)과 MUNDAP_LLM_API_KEY를 확인하십시오",
    ("server", "warning"): "모델 목록이 없는 서버입니다. MUNDAP_LLM_MODEL을 직접 정하십시오",
    ("model", "warning"): "MUNDAP_LLM_MODEL을 그 가운데 하나로 정하십시오",
    ("reply", "problem"): "MUNDAP_LLM_MODEL, MUNDAP_LLM_BASE_URL, MUNDAP_LLM_API_KEY와 서버의 기록을 확인하십시오",
    ("reply", "warning"): "답이 느릴 것입니다. 더 작은 모델이나 더 빠른 기계를 쓰십시오",
    ("context", "problem"): "문맥 길이를 늘리십시오(Ollama: OLLAMA_CONTEXT_LENGTH, llama.cpp: -c)",
}


def in_korean(finding: Finding) -> str:
    """What to do about ``finding``; empty where it is well and gives no advice."""
    if finding.grade == "ok" and not finding.advice:
        return ""
    return _KOREAN[finding.name, finding.grade]
