"""What is promised of answers by a language model: no corrupted figure is shown, and a checked sentence comes at once."""

from __future__ import annotations

import statistics
import time
from typing import Any

import pytest

from eval.metrics import percentile
from rag.abstractive import Abstractive
from rag.assistant import Assistant
from rag.llm import LanguageModel
from rag.settings import Settings
from scripted import Serve, Step

QUESTION = {"en": "How much will the Songdo laboratory hub cost?", "ko": "송도 연구 허브의 사업비는 얼마인가요?"}
# A sentence, its true figure, and false ones: another digit, order, unit, power, day, month or year.
FACTS: dict[str, list[tuple[str, str, list[str]]]] = {
    "en": [
        ("The Songdo laboratory hub will cost {}", "272.6 billion won",
         ["272.9 billion won", "227.6 billion won", "272.6 million won", "272.6 trillion won", "27.26 billion won", "272.6 billion dollars", "273 billion dollars"]),
        ("The laboratory hub covers {} in the harbour district", "40,000 square meters",
         ["4,000 square meters", "400,000 square meters", "40,000 square kilometers", "41,000 square meters", "14,000 square meters"]),
        ("Construction of the laboratory hub begins on {}", "April 28, 2024",
         ["April 18, 2024", "April 29, 2024", "May 28, 2024", "March 28, 2024", "April 28, 2023", "April 28, 2042"]),
        ("The laboratory hub will house {}", "60 companies", ["16 companies", "66 companies", "600 companies", "6 companies", "59 companies"]),
        ("The state pays {} of the construction", "70 percent", ["17 percent", "7 percent", "77 percent", "30 percent", "71 percent"]),
        ("The laboratory hub will employ {}", "1,200 people", ["12,000 people", "2,100 people", "120 people", "1,300 people", "1.2 million people"]),
    ],
    "ko": [
        ("송도 연구 허브의 사업비는 {}이다", "2,726억 원",
         ["2,729억 원", "2,276억 원", "2,726만 원", "2,726조 원", "272억 6,000만 원", "2조 7,260억 원", "2,726억 달러"]),
        ("연구 허브의 면적은 {}이다", "4만㎡", ["4,000㎡", "40만㎡", "4만㎢", "4만 1,000㎡", "1만 4,000㎡"]),
        ("연구 허브 공사는 {}에 시작된다", "2024년 4월 28일",
         ["2024년 4월 18일", "2024년 4월 29일", "2024년 5월 28일", "2024년 3월 28일", "2023년 4월 28일", "2042년 4월 28일"]),
        ("연구 허브에는 기업 {}가 입주한다", "60개", ["16개", "66개", "600개", "6개", "59개"]),
        ("국가가 공사비의 {}를 부담한다", "70%", ["17%", "7%", "77%", "30%", "71%"]),
        ("연구 허브에는 {}이 고용된다", "1,200명", ["1만 2,000명", "2,100명", "120명", "1,300명", "120만 명"]),
    ],
}  # fmt: skip
FILLER = {
    "en": "Its towers stand beside the old docks. Trams stop near the gate. Gulls nest on the warehouse roof.",
    "ko": "건물은 옛 부두 옆에 선다. 정문 근처에 전차가 선다. 창고 지붕에는 갈매기가 산다.",
}
CASES = [
    (answer, source, number, wrong)
    for answer in FACTS
    for source in FACTS
    for number, (_, _, figures) in enumerate(FACTS[answer])
    for wrong in figures
]


def true(language: str, number: int) -> str:
    frame, figure, _ = FACTS[language][number]
    return frame.format(figure)


@pytest.fixture(scope="module")
def assistants(tmp_path_factory: pytest.TempPathFactory, warmed: None) -> dict[str, Assistant]:
    """By the language of the documents: one over the facts and some filling."""
    from index.build import index_paths
    from index.embed import load_encoder

    made = {}
    for language, facts in FACTS.items():
        folder, home = tmp_path_factory.mktemp("documents"), tmp_path_factory.mktemp("home")
        text = ". ".join(true(language, number) for number in range(len(facts)))
        (folder / "hub.txt").write_text(f"{text}. {FILLER[language]}\n", encoding="utf-8")
        index_paths(home, [folder], load_encoder(None))
        made[language] = Assistant.from_settings(Settings(home, llm_base_url="http://127.0.0.1:1/v1", llm_model="m"))
    return made


def test_no_corrupted_figure_ever_reaches_the_reader(serve: Serve, assistants: dict[str, Assistant]) -> None:
    reply: list[str] = []
    server = serve(script=lambda _: ["".join(reply)])
    model = Abstractive(LanguageModel(server.url, "m"))
    reached, missed, same, shown = [], [], 0, 0
    for answer, source, number, wrong in CASES:
        corrupted = FACTS[answer][number][0].format(wrong)
        others = [true(answer, (number + step) % len(FACTS[answer])) for step in (1, 2)]
        sentences = [*others]
        sentences.insert(number % 3, corrupted)
        reply[:] = [f"{sentence} [1]. " for sentence in sentences]
        assistants[source]._generator = model
        *pieces, whole = assistants[source].stream(QUESTION[answer])
        told = "".join(map(str, pieces)) + whole.text  # type: ignore[union-attr]
        if corrupted in told:
            reached.append((answer, source, corrupted))
        if answer == source:
            same += len(others)
            shown += sum(other in told for other in others)
            missed += [other for other in others if other not in told]
    assert len(CASES) >= 100 and len(server.requests) == len(CASES)
    assert reached == []
    assert shown == same, sorted(set(missed))  # and it is not for showing nothing


def starved(seconds: float = 1.0) -> float:
    """The share of its time for which a busy thread of this process gets no processor: no wall time can be promised."""
    wall, own = time.monotonic(), time.thread_time()
    while time.monotonic() - wall < seconds:
        pass
    return 1 - (time.thread_time() - own) / (time.monotonic() - wall)


def test_the_first_checked_sentence_is_shown_within_50_ms_of_its_last_token(
    serve: Serve, assistants: dict[str, Assistant]
) -> None:
    def delay(language: str) -> float:
        """Seconds from sending the last token of the first sentence to showing it; the server then falls silent."""
        first = f"{true(language, 0)} [1]."
        tokens = [first[i : i + 3] for i in range(0, len(first), 3)]
        steps: list[Step] = [*tokens, 0.3, f" {true(language, 1)} [1]."]
        server = serve(*steps)
        assistants[language]._generator = Abstractive(LanguageModel(server.url, "m"))
        for piece in assistants[language].stream(QUESTION[language]):
            if piece:
                return time.monotonic() - server.times[len(tokens) - 1]
        raise AssertionError("nothing was shown")

    for language in QUESTION:
        delay(language)
    rounds: list[Any] = []
    for _ in range(3):  # a busy machine may spoil a round
        delays = [delay(language) for _ in range(10) for language in QUESTION]
        rounds.append((percentile(delays, 95), statistics.median(delays)))
        if rounds[-1][0] <= 0.05:
            break
    if rounds[-1][0] > 0.05 and (share := starved()) > 0.2:
        pytest.skip(f"this process waits for the processor {share:.0%} of its time; p95 and median: {rounds}")
    assert min(p95 for p95, _ in rounds) <= 0.05, rounds
    print("first sentence, p95 and median in seconds:", rounds)
