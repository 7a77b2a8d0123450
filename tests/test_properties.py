"""The invariants of an answer, over the bundled model and samples: whatever is asked, what is shown can be checked."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from conftest import ROOT
from index.build import index_paths
from index.embed import load_encoder
from index.read import read_article
from index.terms import sentences
from rag import Answer, Assistant, Settings, Turn
from rag.errors import AskError

MARKER = re.compile(r"\[(\d+)\]")
BANK = [
    row[language]
    for row in map(json.loads, (ROOT / "eval" / "sets" / "samples.jsonl").read_text(encoding="utf-8").splitlines())
    for language in ("ko", "en")
    if isinstance(row.get(language), str)
]
assert len(BANK) > 100
ASKED = st.sampled_from(BANK)
# Whatever a person may type or paste: real questions cut short, joined, decorated, or no question at all.
NOISE = st.text(max_size=60) | st.text(st.characters(min_codepoint=0x1100, max_codepoint=0xD7FF), max_size=60)
DECORATED = st.sampled_from(
    ["[1]", "[99]", "{{ x }}", "# user\n", "<b>", "2,700억 원", "￥５９", "٣", "\x00", "😀", "‮"]
)
TYPED = (
    st.text(max_size=300)
    | NOISE
    | st.tuples(ASKED, NOISE | DECORATED).map(" ".join)
    | st.tuples(DECORATED, ASKED, DECORATED).map("".join)
    | st.tuples(ASKED, st.integers(1, 40)).map(lambda cut: cut[0][: cut[1]])
).map(lambda text: text[:300])


def examples(count: int) -> Any:
    """The same examples in every run; no search for what else fails, which takes minutes where each example asks."""
    phases = (Phase.explicit, Phase.generate, Phase.shrink)
    return settings(max_examples=count, deadline=None, derandomize=True, phases=phases)


@pytest.fixture(scope="module")
def assistant(samples_home: Path) -> Assistant:
    return Assistant.from_settings(Settings(home=samples_home))


def fixed(answer: Answer) -> dict[str, Any]:
    """An answer without what may differ from one time to the next."""
    return {name: value for name, value in answer.as_dict().items() if name != "timings"}


def check(assistant: Assistant, answer: Answer) -> None:
    numbers = [citation.number for citation in answer.citations]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {int(n) for n in MARKER.findall(answer.text)} == set(numbers)
    for citation in answer.citations:
        article = assistant.article(citation.article_id)
        assert article.text[citation.start : citation.end] == citation.quote
        # A sentence, or a bulleted list quoted whole: never a part of a sentence.
        borders = sentences(article.text)
        assert citation.start in {start for start, _ in borders}
        assert citation.end in {end for _, end in borders}
        stated = (citation.title, citation.publisher, citation.published, citation.language, citation.source)
        assert stated == (article.title, article.publisher, article.published, article.language, article.source)
    assert (answer.status == "no_evidence") == (not answer.citations)
    assert answer.text.strip()
    assert answer.text.startswith(answer.direct)
    if answer.status == "answered":
        assert all(MARKER.search(line) for line in answer.text.split("\n"))
    scores = [hit.score for hit in answer.hits]
    assert scores == sorted(scores, reverse=True) and len(set(answer.hits)) == len(scores) <= 10
    for hit in answer.hits:
        passage = assistant.passage(hit)
        assert assistant.article(hit.article_id).text[hit.start : hit.end] == passage.text
    assert json.loads(json.dumps(answer.as_dict()))["text"] == answer.text


def ask_or_refuse(assistant: Assistant, question: str, **options: Any) -> Answer | None:
    try:
        return assistant.ask(question, **options)
    except AskError as error:
        assert str(error) and "\n" not in str(error)
        return None


class TestAnyQuestion:
    @given(ASKED)
    @examples(30)
    def test_a_real_question_has_an_answer_that_can_be_checked(self, assistant: Assistant, question: str) -> None:
        answer = assistant.ask(question)
        assert answer.question == question
        check(assistant, answer)

    @given(TYPED)
    @example("")
    @example("?!")
    @example("a" * 300)
    @example("[1] 송도 [2]")
    @example("\ud800 송도")
    @example("송도\x00 \udcff hub")
    @examples(60)
    def test_any_text_is_answered_or_refused_in_words(self, assistant: Assistant, text: str) -> None:
        answer = ask_or_refuse(assistant, text)
        if answer:
            check(assistant, answer)

    @given(ASKED, ASKED, st.sampled_from(["auto", "ko", "en"]))
    @examples(15)
    def test_a_follow_up_in_any_language(self, assistant: Assistant, first: str, second: str, language: str) -> None:
        before = assistant.ask(first)
        answer = assistant.ask(second, [Turn(first, before.text)], language)
        check(assistant, answer)
        assert language in ("auto", answer.language)

    @given(ASKED)
    @examples(15)
    def test_the_stream_is_the_answer_in_pieces(self, assistant: Assistant, question: str) -> None:
        *pieces, answer = assistant.stream(question)
        assert isinstance(answer, Answer)
        assert "".join(map(str, pieces)) == answer.text
        assert fixed(answer) == fixed(assistant.ask(question))

    @given(TYPED, st.integers(1, 20))
    @examples(15)
    def test_a_search_gives_hits_in_order_without_repeats(self, assistant: Assistant, text: str, limit: int) -> None:
        try:
            hits = assistant.search(text, limit)
        except AskError:
            return
        assert len(hits) <= limit
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        assert len({hit.passage_id for hit in hits}) == len(hits)


class TestSameQuestion:
    @given(ASKED, st.sampled_from(["NFD", "NFKD"]))
    @example("K-바이오 랩 허브에 얼마를 투자하나요?", "NFD")
    @examples(25)
    def test_composed_and_decomposed(self, assistant: Assistant, question: str, form: Any) -> None:
        answer = fixed(assistant.ask(unicodedata.normalize(form, question)))
        expected = fixed(assistant.ask(unicodedata.normalize("NFKC" if form == "NFKD" else "NFC", question)))
        for told in (answer, expected):
            del told["question"], told["query"]  # they may be as typed
        assert answer == expected

    @given(ASKED, ASKED)
    @example("K-바이오 랩 허브는 어디에 들어서나요?", "그럼 비용은요?")
    @example("송도 바이오 허브의 규모는?", "언제 완공되나요?")
    @examples(8)
    def test_history_composed_and_decomposed(self, assistant: Assistant, first: str, second: str) -> None:
        told = assistant.ask(first).text
        plain = assistant.ask(second, [Turn(first, told)])
        other = assistant.ask(second, [Turn(*(unicodedata.normalize("NFD", part) for part in (first, told)))])
        assert (plain.text, plain.citations, plain.hits) == (other.text, other.citations, other.hits)

    @given(ASKED)
    @examples(15)
    def test_twice(self, assistant: Assistant, question: str) -> None:
        first = fixed(assistant.ask(question))
        assistant.ask("What is in between?")
        assert fixed(assistant.ask(question)) == first

    def test_in_another_process(self, assistant: Assistant, samples_home: Path) -> None:
        """Nothing hangs on the order of a set, which differs from process to process."""
        questions = BANK[:: len(BANK) // 12]
        program = (
            "import json, sys; from pathlib import Path; from rag import Assistant, Settings\n"
            "assistant = Assistant.from_settings(Settings(home=Path(sys.argv[1])))\n"
            "print(json.dumps([assistant.ask(q).as_dict() for q in json.loads(sys.argv[2])]))"
        )
        command = [sys.executable, "-c", program, str(samples_home), json.dumps(questions)]
        for seed in ("1", "2"):
            environment = os.environ | {"PYTHONHASHSEED": seed}
            ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
            for told, question in zip(json.loads(ran.stdout), questions, strict=True):
                del told["timings"]
                assert told == json.loads(json.dumps(fixed(assistant.ask(question))))

    @given(ASKED, st.sampled_from([" ", "\n", "  "]))
    @examples(8)
    def test_outer_white_space(self, assistant: Assistant, question: str, space: str) -> None:
        plain, padded = assistant.ask(question), assistant.ask(space + question + space)
        assert (padded.text, padded.citations) == (plain.text, plain.citations)


MARKED = """# 별빛시의 새 등대

별빛시는 항구에 새 등대를 세운다고 밝혔다[7]. 등대의 높이는 48m이고 공사비는 310억 원이다[12].
등대는 2033년 5월에 불을 켠다 [1].
"""
MARKED_ENGLISH = """# A [2] lighthouse for Starhaven

Starhaven will build a lighthouse at its port.[3] The lighthouse will be 48 meters tall and cost 31 million dollars.[44]
"""


class TestHostileArticles:
    """Articles that hold what looks like markers, as pages with references do."""

    @pytest.fixture(scope="class")
    @staticmethod
    def marked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
        folder = tmp_path_factory.mktemp("marked")
        (folder / "ko.md").write_text(MARKED, encoding="utf-8")
        (folder / "en.md").write_text(MARKED_ENGLISH, encoding="utf-8")
        decomposed = unicodedata.normalize("NFD", MARKED.replace("[", "(").replace("]", ")").replace("별빛", "달빛"))
        (folder / "nfd.md").write_text(decomposed, encoding="utf-8")
        index_paths(folder / "home", [folder], load_encoder())
        yield Assistant.from_settings(Settings(home=folder / "home"))

    @pytest.mark.parametrize(
        "question",
        [
            "별빛시의 새 등대 공사비는 얼마인가요?",
            "별빛시는 어디에 새 등대를 세운다고 밝혔나요?",
            "별빛시 등대는 언제 불을 켜나요?",
            "How tall will the lighthouse of Starhaven be?",
            "Where will Starhaven build a lighthouse?",
            "스타헤이븐 등대의 높이는?",
        ],
    )
    def test_every_marker_shown_is_a_citation(self, marked: Assistant, question: str) -> None:
        check(marked, marked.ask(question))

    def test_one_of_them_is_answered(self, marked: Assistant) -> None:
        """Without this the test above could pass by refusing everything."""
        asked = ("별빛시의 새 등대 공사비는 얼마인가요?", "How tall will the lighthouse of Starhaven be?")
        assert any(marked.ask(question).status == "answered" for question in asked)

    def test_a_decomposed_file_is_stored_composed(self, marked: Assistant) -> None:
        (article,) = [a for a in marked.articles() if a.source == "nfd.md"]
        assert article.text == unicodedata.normalize("NFC", article.text)
        assert "달빛시는" in article.text
        hits = marked.search("달빛시 등대", 1)
        assert hits[0].article_id == article.id


def test_composed_and_decomposed_files_read_the_same(tmp_path: Path) -> None:
    for form in ("NFC", "NFD"):
        (tmp_path / f"{form}.md").write_text(unicodedata.normalize(form, MARKED), encoding="utf-8")
    one, other = (read_article(tmp_path / f"{form}.md") for form in ("NFC", "NFD"))
    assert (one.text, one.title, one.language) == (other.text, other.title, other.language)
    assert "새 등대" in one.text
