"""Learning the bundled models: what is learnt from, that runs go on where they were, and that files say what was learnt."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from transformers import BertConfig, BertModel  # noqa: E402

from index import reading, train  # noqa: E402
from index.embed import load_encoder  # noqa: E402
from index.network import MODEL, WORDS, Network, Row, Vocabulary  # noqa: E402
from index.training import (  # noqa: E402
    bilingual,
    card,
    comprehension,
    data,
    distractors,
    exercises,
    export,
    graph,
    loop,
    questions,
    vocabulary,
)
from index.training.transformer import Transformer  # noqa: E402

FILES = sorted(path.name for path in data.LESSONS.glob("*.jsonl"))
TEXTS = ["한국은행은 기준금리를 동결했다.", "The Bank of Korea froze its key rate.", "대표팀은 결승에서 이겼다. " * 60]


def body(layers: int = 1) -> Any:
    """A BERT of random weights, larger than at the usual start so that every layer matters."""
    torch.manual_seed(7)
    config = BertConfig(vocab_size=50, hidden_size=384, num_hidden_layers=layers, num_attention_heads=12)
    config.intermediate_size, config.initializer_range = 1536, 0.1
    return BertModel(config).eval()


def numbers(network: Any) -> dict[str, Any]:
    return {name: each.detach().numpy() for name, each in network.state_dict().items() if "pooler" not in name}


@pytest.fixture(scope="module")
def start() -> vocabulary.Start:
    """A tokenizer of letters and syllables, with random rows."""
    lessons = "".join(" ".join(lesson.ko) for lesson in data.read_lessons()[:40])
    syllables = sorted({sign for sign in unicodedata.normalize("NFC", lessons) if "가" <= sign <= "힣"})
    latin = [*vocabulary.SPECIAL, *"abcdefghijklmnopqrstuvwxyz0123456789.,"]
    latin += [f"##{sign}" for sign in latin if sign.isalnum()]
    pieces = [*latin, *syllables, *(f"##{syllable}" for syllable in syllables)]
    rows = np.random.default_rng(0).normal(size=(len(pieces), 384)).astype(np.float32)
    return vocabulary.Start(vocabulary.build_tokenizer(pieces), rows, len(latin))


class TestLessons:
    @pytest.mark.parametrize("name", FILES)
    def test_every_line_is_a_report_in_both_languages_with_questions(self, name: str) -> None:
        for line in (data.LESSONS / name).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            assert 5 <= len(row["ko"]) == len(row["en"]) <= 7, row["topic"]
            texts = [
                *row["ko"],
                *row["en"],
                *(question[side] for question in row["questions"] for side in ("ko", "en")),
            ]
            assert all(text.strip() == text and len(text) > 3 for text in texts), row["topic"]
            assert " | " not in line
            places = [question["sentence"] for question in row["questions"]]
            assert None in places and set(places) <= {None, *range(len(row["ko"]))}, row["topic"]

    def test_all_of_them_are_read_in_order(self) -> None:
        lessons = data.read_lessons()
        lines = [line for name in FILES for line in (data.LESSONS / name).read_text(encoding="utf-8").splitlines()]
        assert [lesson.topic for lesson in lessons] == [json.loads(line)["topic"] for line in lines]
        assert len({lesson.domain for lesson in lessons}) == len(FILES) > 5
        assert all(lesson.answered() and lesson.unanswered() for lesson in lessons)

    @pytest.mark.parametrize(
        "change", [{"en": ["one"]}, {"questions": [{"ko": "왜?", "en": "Why?", "sentence": 5}]}, {"ko": None}]
    )
    def test_a_wrong_line_is_named(self, tmp_path: Path, change: dict[str, Any]) -> None:
        right = {
            "topic": "t",
            "ko": ["가."] * 5,
            "en": ["a."] * 5,
            "questions": [{"ko": "뭐?", "en": "What?", "sentence": 0}],
        }
        (tmp_path / "x.jsonl").write_text(f"{json.dumps(right)}\n{json.dumps(right | change)}\n", encoding="utf-8")
        with pytest.raises(ValueError, match=r"x\.jsonl, line 2 is no lesson"):
            data.read_lessons(tmp_path)


class TestData:
    @pytest.fixture
    def shared(self, tmp_path: Path) -> Path:
        """A tiny data folder in which every text says where it is from."""
        (tmp_path / "data").mkdir()
        (tmp_path / "lexicon").mkdir()
        (tmp_path / "lexicon" / "core.tsv").write_text("금리|이율\tinterest rate|rate\tnoun\n", encoding="utf-8")
        lines = [f"문장 {number}\tsentence {number}\n" for number in range(20)]
        (tmp_path / "data" / "sentences.tsv").write_text("".join(lines), encoding="utf-8")
        asked = [{"ko": "무엇?", "en": "What?", "answer_ko": "본문", "answer_en": "text"}]
        passages = [{"topic": "t", "ko": f"본문 {n}.", "en": f"text {n}.", "questions": asked} for n in range(20)]
        (tmp_path / "data" / "passages.jsonl").write_text("\n".join(map(json.dumps, passages)), encoding="utf-8")
        names = "이한글\tLee Hangeul\twikidata-person-names\n컴퓨터\tcomputer\tloanwords\n"
        pairs = "".join(
            f"{source} 문서입니다만 길어야 합니다\tfrom {source}\t{source}\n" for source in ("pydocs", "jhe-dev")
        )
        headings = [
            {"query": "q", "passage": s, "source": s, "mt": mt} for s in ("tfdocs", "jhe") for mt in (True, False)
        ]
        for name, text in {
            "dictionary.tsv": names,
            "parallel.train.tsv": pairs,
            "parallel.paragraphs.tsv": pairs,
            "qp.train.jsonl": "".join(json.dumps(row) + "\n" for row in headings),
        }.items():
            (tmp_path / "data" / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
        return tmp_path

    def test_a_tenth_is_held_back_and_only_permitted_sources_are_read(self, shared: Path) -> None:
        corpus = data.read_corpus(shared)
        assert [pair[1] for pair in corpus.dev_sentences] == ["sentence 0", "sentence 10"]
        learnt = {text for pairs in corpus.pairs.values() for pair in pairs for text in pair}
        assert not learnt & {"sentence 0", "sentence 10", "text 0.", "text 10.", "from jhe-dev", "jhe"}
        assert {"sentence 1", "text 11.", "from pydocs"} <= learnt
        assert corpus.pairs["heading"] == [("q", "tfdocs")]

    def test_distillation_holds_nothing_held_back_either(self, shared: Path) -> None:
        kinds = data.distillation(shared, data.read_corpus(shared), data.read_lessons()[:1], seed=0)
        learnt = {english for pairs in kinds.values() for _, english in pairs}
        assert not learnt & {"sentence 0", "text 0.", "from jhe-dev", "computer"}
        assert {"sentence 1", "text 1.", "from pydocs", "Lee Hangeul", "interest rate"} <= learnt
        assert set(kinds) == set(bilingual.ROWS.shares)


class TestVocabulary:
    def test_case_and_composition_change_nothing(self, start: vocabulary.Start) -> None:
        text = "Key rate 동결"
        ids = start.tokenizer.encode(text).ids
        assert ids == start.tokenizer.encode(unicodedata.normalize("NFD", text).upper()).ids
        assert start.tokenizer.get_vocab()["[UNK]"] not in ids

    def test_of_the_english_pieces_those_of_other_scripts_go(self) -> None:
        pieces = ["[PAD]", "[unused1]", "the", "##s", "é", "ж", "中", "龍", "€", "##中", "1990"]
        assert vocabulary.english_pieces(pieces) == ["[PAD]", "the", "##s", "€", "1990", "中"]


class TestGraph:
    def test_it_computes_what_torch_computes(self, tmp_path: Path) -> None:
        network = body()
        graph.write(numbers(network), tmp_path / "encoder.onnx", layers=1)
        words = np.random.default_rng(1).normal(size=(40, 384)).astype(np.float32)
        graph.write_words(words, tmp_path / "words.safetensors")
        (tmp_path / "tokenizer.json").write_bytes((MODEL / "tokenizer.json").read_bytes())
        known = Vocabulary(tmp_path)
        rows = [Row([3, 4, 5, 6, 7], [0, 0, 1, 1, 1]), Row([8, 9], [0, 0])]
        ((_, output, mask),) = Network(tmp_path / "encoder.onnx", known).run(rows)
        ids = np.array([[3, 4, 5, 6, 7], [8, 9, 0, 0, 0]])
        feeds = {
            "inputs_embeds": torch.tensor(known.embeddings(ids)),
            "attention_mask": torch.tensor(mask),
            "token_type_ids": torch.tensor([[0, 0, 1, 1, 1], [0] * 5]),
        }
        with torch.no_grad():
            wanted = network(**feeds).last_hidden_state.numpy()
        cosines = (output * wanted).sum(-1) / np.linalg.norm(output, axis=-1) / np.linalg.norm(wanted, axis=-1)
        assert cosines[mask > 0].min() > 0.99

    def test_the_weights_come_back_from_the_files(self, tmp_path: Path) -> None:
        weights = numbers(body())
        graph.write(weights, tmp_path / "encoder.onnx", layers=1)
        graph.write_words(weights["embeddings.word_embeddings.weight"], tmp_path / "words.safetensors")
        found = export.read_weights(tmp_path)
        assert found.keys() == weights.keys()
        # The first type's embedding is part of the positions'.
        types = weights["embeddings.token_type_embeddings.weight"]
        weights["embeddings.position_embeddings.weight"] = weights["embeddings.position_embeddings.weight"] + types[0]
        weights["embeddings.token_type_embeddings.weight"] = types - types[0]
        for name, wanted in weights.items():
            largest = np.abs(wanted).max(axis=-1, keepdims=True)
            assert (np.abs(found[name] - wanted) <= largest / 127 / 2 + 1e-6).all(), name


def test_the_exported_folder_is_the_bundled_encoder(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    export.export(MODEL, tmp_path / "out")
    model = SentenceTransformer(str(tmp_path / "out"), device="cpu", local_files_only=True)
    theirs = np.asarray(model.encode(TEXTS, show_progress_bar=False))
    assert np.allclose(np.linalg.norm(theirs, axis=1), 1.0, atol=1e-4)
    assert (theirs * load_encoder().encode(TEXTS)).sum(axis=1).min() > 0.98


def test_learning_goes_on_from_the_bundled_encoder() -> None:
    network = Transformer.shipped(MODEL)
    short = [text for text in TEXTS if len(text) < 200]  # of a longer one less is read while learning
    assert (network.encode(short) * load_encoder().encode(short)).sum(axis=1).min() > 0.98
    pieces = network.tokenizer.get_vocab()
    assert pieces["the"] < network.english == len(network.en) <= pieces["정부"]


class Killed(Exception):
    """What stands for the power cut."""


class Dice:
    """Batches that are random numbers, from Python's generator and from torch's."""

    def __init__(self, network: Any) -> None:
        self.network, self.random, self.drawn = network, random.Random(0), 0

    def loss(self) -> Any:
        self.drawn += 1
        return (self.network(torch.rand(4, 3)) - self.random.random()).square().mean()

    def report(self) -> dict[str, float]:
        return {}

    def state(self) -> dict[str, Any]:
        return {"random": self.random.getstate()}

    def restore(self, state: dict[str, Any]) -> None:
        self.random.setstate(state["random"])


class TestLoop:
    def course(self) -> loop.Course:
        torch.manual_seed(0)
        network = torch.nn.Linear(3, 2)
        optimizer = torch.optim.AdamW(network.parameters(), lr=0.1)
        parameters = list(network.parameters())
        return loop.Course(network, Dice(network), [optimizer], [loop.schedule(optimizer, 7, 2, 0.1)], parameters)

    def test_a_run_that_is_killed_ends_where_it_would_have_ended(self, tmp_path: Path) -> None:
        whole = self.course()
        loop.follow(whole, 7, tmp_path / "whole.pt", seed=0, every=2)

        def kill(step: int) -> None:
            if step == 5:
                raise Killed

        with pytest.raises(Killed):
            loop.follow(self.course(), 7, tmp_path / "killed.pt", seed=0, every=2, after=kill)
        again, steps = self.course(), []
        loop.follow(again, 7, tmp_path / "killed.pt", seed=0, every=2, after=steps.append)
        assert steps == [5, 6, 7]
        assert again.batches.drawn == 3
        assert torch.equal(again.network.weight, whole.network.weight)
        assert again.schedules[0].get_last_lr() == whole.schedules[0].get_last_lr()

    def test_a_finished_run_is_not_run_again(self, tmp_path: Path) -> None:
        loop.follow(self.course(), 3, tmp_path / "run.pt", seed=0)
        again = self.course()
        loop.follow(again, 3, tmp_path / "run.pt", seed=0)
        assert again.batches.drawn == 0

    def test_another_seed_is_another_run(self, tmp_path: Path) -> None:
        loop.follow(self.course(), 1, tmp_path / "run.pt", seed=0)
        with pytest.raises(ValueError, match=r"seed 0, this run has 1: delete it"):
            loop.follow(self.course(), 1, tmp_path / "run.pt", seed=1)

    def test_rates_rise_and_fall(self) -> None:
        course, rates = self.course(), []
        for _ in range(7):
            rates.append(course.schedules[0].get_last_lr()[0])
            course.step()
        assert rates == pytest.approx([0.05, 0.6 / 7, 0.5 / 7, 0.4 / 7, 0.3 / 7, 0.2 / 7, 0.1 / 7], rel=0.01)


class TestQuestions:
    def lesson(self, topic: str, told: str, asked: str) -> data.Lesson:
        return data.Lesson("d", topic, (f"{told} 이야기.",), (f"A tale of {told}.",), (data.Query("뭐?", asked, 0), data.Query("또?", "And?", None)))  # fmt: skip

    def test_a_paragraph_stands_alone_and_with_its_neighbour_of_the_same_article(self) -> None:
        lessons = [self.lesson("t", "Ra", "Who is Ra?"), self.lesson("t", "Bo", "Who is Bo?"), self.lesson("u", "Ce", "Who is Ce?")]  # fmt: skip
        passage = {
            "ko": "본문",
            "en": "text",
            "questions": [{"ko": "왜?", "en": "Why?"}, {"ko": "언제?", "en": "When?"}],
        }
        found = questions.gather([passage], lessons, [("head", "short"), ("head", "long " * 50)])
        told = [(each.question[1], each.passage[1][:40]) for each in found]
        both = "A tale of Ra. A tale of Bo."
        assert told == [
            ("Why?", "text"), ("When?", "text"), ("Who is Ra?", "A tale of Ra."), ("Who is Bo?", "A tale of Bo."),
            ("Who is Ce?", "A tale of Ce."), ("Who is Ra?", both), ("Who is Bo?", both), ("head", ("long " * 50)[:40]),
        ]  # fmt: skip
        shared = [[bool(a.of & b.of) for b in found] for a in found]
        assert shared[2] == [False, False, True, False, False, True, True, False]
        assert shared[0][1] and sum(shared[7]) == 1 and not shared[2][3]

    def test_questions_over_passages_of_like_subject_stand_side_by_side(self) -> None:
        subjects = ("bank interest rates and loans", "football players and goals", "rivers, lakes and rain")
        asked = [
            questions.Asked(("?", f"What did Kim say of {n}?"), (f"글 {n}", f"{subject} {n}"), frozenset([n]))
            for n, subject in enumerate(subjects * 4)
        ]
        order = questions.grouped(asked, random.Random(0))
        assert sorted(order) == list(range(12))
        groups = [{number % 3 for number in order[start : start + 4]} for start in (0, 4, 8)]
        assert [len(group) for group in groups] == [1, 1, 1]

    def test_a_question_that_does_not_say_what_it_is_about_joins_no_group(self) -> None:
        asked = [questions.Asked(("?", "What is the price?"), (f"글 {n}", f"A price of {n}."), frozenset([n])) for n in range(40)]  # fmt: skip
        draw = random.Random(0)
        shuffles = [draw.sample(range(40), 40) for _ in range(2)]
        assert questions.grouped(asked, random.Random(0)) == shuffles[1]


class TestBilingual:
    def material(self) -> bilingual.Material:
        lessons = data.read_lessons()[:16]
        pairs = [pair for lesson in lessons for pair in zip(lesson.ko, lesson.en, strict=True)][:30]
        asked = questions.gather([], lessons, [])
        vectors = np.random.default_rng(2).normal(size=(len(pairs), 384))
        teacher = {english: vector for (_, english), vector in zip(pairs, vectors, strict=True)}
        kinds = dict.fromkeys(bilingual.ROWS.shares, pairs)
        return bilingual.Material(kinds, asked, lessons, teacher)

    def run(self, start: vocabulary.Start, phase: bilingual.Phase, path: Path, steps: int, stop: int) -> Transformer:
        """Up to step ``stop`` of ``steps``, with the state of the run in ``path``."""
        network = Transformer(start, body())
        course = bilingual.course(network, phase, self.material(), steps, seed=1)

        def kill(step: int) -> None:
            if step == stop:
                raise Killed

        with pytest.raises(Killed):
            loop.follow(course, steps, path, 0, every=1, after=kill)
        return network

    def test_the_first_phase_moves_korean_rows_only(self, start: vocabulary.Start, tmp_path: Path) -> None:
        before = Transformer(start, body()).state_dict()
        after = self.run(start, bilingual.ROWS, tmp_path / "a.pt", 4, 1).state_dict()
        assert [name for name in before if not torch.equal(before[name], after[name])] == ["ko"]

    def test_the_second_phase_moves_all_but_english_rows_and_goes_on(
        self, start: vocabulary.Start, tmp_path: Path
    ) -> None:
        before = Transformer(start, body()).state_dict()
        whole = self.run(start, bilingual.BODY, tmp_path / "a.pt", 4, 3).state_dict()
        self.run(start, bilingual.BODY, tmp_path / "b.pt", 4, 2)
        resumed = self.run(start, bilingual.BODY, tmp_path / "b.pt", 4, 3).state_dict()
        moved = {name for name in before if not torch.equal(before[name], whole[name])}
        assert not moved & {"en", "body.embeddings.word_embeddings.weight"}
        assert {"ko", "body.encoder.layer.0.output.dense.weight", "body.embeddings.LayerNorm.weight"} <= moved
        assert all(torch.allclose(whole[name], resumed[name], atol=1e-6) for name in whole)

    def test_every_kind_of_batch_has_a_loss_that_can_be_lowered(self, start: vocabulary.Start) -> None:
        network = Transformer(start, body())
        drawing = bilingual.Drawing(network, bilingual.BODY, self.material(), 0)
        for kind in ("sentence", "question", "report"):
            drawing.phase = bilingual.Phase({kind: 1.0}, {kind: 4}, 0.0, 100)
            loss = drawing.loss()
            loss.backward()
            assert torch.isfinite(loss) and loss > 0
            assert network.ko.grad is not None
            assert 0 <= abs(drawing.report()[kind]) <= 1

    def test_batches_use_up_everything_before_they_repeat(self, start: vocabulary.Start) -> None:
        drawing = bilingual.Drawing(Transformer(start, body()), bilingual.BODY, self.material(), 0)
        drawing.phase = bilingual.Phase({"sentence": 1.0}, {"sentence": 10}, 0.0, 100)
        drawn = [number for _ in range(3) for number in drawing._draw("sentence")]
        assert sorted(drawn) == list(range(30))


class TestComprehension:
    @pytest.fixture(scope="class")
    def known(self) -> Vocabulary:
        return Vocabulary(MODEL)

    @pytest.fixture
    def network(self, known: Vocabulary) -> comprehension.Comprehension:
        torch.manual_seed(3)
        return comprehension.Comprehension(known)

    def test_what_is_learned_on_is_met_halfway(self, network: comprehension.Comprehension) -> None:
        before = {name: each.clone() for name, each in network.state_dict().items()}
        with torch.no_grad():
            network.match += 2.0
        found = comprehension.halfway(before, network.state_dict())
        assert torch.allclose(found["match"], before["match"] + 1.0)
        assert all(torch.equal(each, before[name]) for name, each in found.items() if name != "match")

    def exercises(self) -> list[exercises.Exercise]:
        return [
            exercises.Exercise((q.ko, q.en), (lesson.ko, lesson.en), q.sentence, q.answer, lesson.domain, lesson.topic)
            for lesson in data.read_lessons()[:4]
            for q in lesson.questions
        ]

    def test_the_words_that_answer_are_marked_by_their_tokens(self, known: Vocabulary) -> None:
        report = ["시장은 3일 반대했다.", "예산은 1,250억 원이다."]
        put = comprehension.scene(known, "How much?", report, 1, "1,250억 원")
        assert put.words is not None
        first, last = put.words
        pieces = put.sheet.row.ids[first : last + 1]
        assert pieces == known.pieces(["1,250억 원"])[0]
        assert set(put.sheet.places[first : last + 1]) == {1}

    def test_what_is_cut_off_counts_as_no_answer(self, known: Vocabulary) -> None:
        report = ["아주 긴 문장이다. " * 200, "예산은 1,250억 원이다."]
        assert comprehension.scene(known, "How much?", report, 1, "1,250억 원").sentence is None

    def test_the_loss_is_the_likelihood_of_the_answers_tokens(self) -> None:
        logits = torch.randn(3, 6, 2)
        places = torch.tensor([[-1, -1, 0, 0, 1, -1]] * 3)
        sheet = reading.Sheet(Row([], []), np.array([]))
        scenes = [
            comprehension.Scene(sheet, None),
            comprehension.Scene(sheet, 0),
            comprehension.Scene(sheet, 0, (2, 3)),
        ]
        found = float(comprehension.negative_likelihood(logits, places, scenes))
        wanted = 0.0
        for row, begins in enumerate(np.exp(logits[..., 0].numpy())):
            chances = begins[[0, 2, 3, 4]] / begins[[0, 2, 3, 4]].sum()
            wanted -= np.log(chances[0] if row == 0 else chances[1] + chances[2])
            if row == 2:
                ends = np.exp(logits[2, [2, 3], 1].numpy())
                wanted -= comprehension.MARKED * (np.log(chances[1]) + np.log(ends[1] / ends.sum()))
        assert found == pytest.approx(wanted / 3, rel=1e-5)

    def test_every_way_of_putting_an_exercise_keeps_the_answer_findable(
        self, network: comprehension.Comprehension
    ) -> None:
        asked = self.exercises()
        practice = comprehension.Practice(network, asked, seed=0)
        for number, each in enumerate(asked):
            for _ in range(3):
                put = practice._put(number)
                pieces = [network.known.pieces([side[each.sentence]])[0] for side in each.report if each.sentence is not None]  # fmt: skip
                if put.sentence is not None:
                    at = np.flatnonzero(put.sheet.places == put.sentence)
                    assert [put.sheet.row.ids[n] for n in at] in [ids[: len(at)] for ids in pieces]
                assert put.sentence is None or each.sentence is not None

    def test_a_turned_question_asks_what_the_report_does_not_say(self) -> None:
        draw, report = random.Random(0), ["3월 수출은 96억 달러로 줄었다. 2월보다도 적다."]
        turned = {distractors.turned("3월 수출을 얼마나 했나요?", report, 0, draw) for _ in range(60)}
        assert "3월 수입을 얼마나 했나요?" in turned and "5월 수출을 얼마나 했나요?" in turned
        assert not {"2월 수출을 얼마나 했나요?", "3월 수출을 얼마나 했나요?"} & turned
        assert distractors.turned("첫째는 누구인가요?", report, 0, draw) is None
        english = {distractors.turned("How far did exports fall in 2023?", ["Exports fell."], 1, draw) for _ in range(60)}  # fmt: skip
        assert {f"How far did exports {rest}?" for rest in ("rise in 2023", "fall in 2022", "fall in 2013")} <= english

    def test_the_particle_fits_the_turned_word(self) -> None:
        draw = random.Random(0)
        found = {distractors.turned("서울은 왜 반대했나?", [], 0, draw) for _ in range(90)}
        assert {"제주는 왜 반대했나?", "부산은 왜 반대했나?", "서울은 왜 찬성했나?"} <= found

    def test_neighbours_are_other_reports_the_nearest_first(self) -> None:
        asked = self.exercises()
        for each, near in zip(asked, distractors.neighbours(asked), strict=True):
            assert len(near) == 3 and each.report not in [other.report for other in near]

    def test_it_learns_and_goes_on_where_it_was(
        self, network: comprehension.Comprehension, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(comprehension, "BATCH", 3)
        monkeypatch.setattr(comprehension, "NEARBY", 1)
        course = comprehension.course(network, self.exercises(), 10, seed=0)
        rows = network.known.embeddings(np.array([1000]))
        before = {name: value.clone() for name, value in network.state_dict().items()}
        course.step()
        moved = {name for name, value in network.state_dict().items() if not torch.equal(value, before[name])}
        assert {"match", "head.weight", "body.encoder.layer.0.output.dense.weight"} <= moved
        assert np.array_equal(rows, network.known.embeddings(np.array([1000])))
        kept = course.state()["batches"]
        drawn = [each.sheet.row.ids for each in (course.batches._next() for _ in range(4))]
        course.batches.restore(kept)
        assert [each.sheet.row.ids for each in (course.batches._next() for _ in range(4))] == drawn

    def test_the_shipped_graph_judges_as_torch_does(self, network: comprehension.Comprehension, tmp_path: Path) -> None:
        network.eval()
        network.ship(tmp_path / "reader.onnx")
        cross = reading.CrossEncoder(Network(tmp_path / "reader.onnx", network.known))
        each = self.exercises()[0]
        (found,) = cross.read(each.question[0], [each.report[1]])
        (wanted,) = network.read(each.question[0], [each.report[1]])
        assert found.odds == pytest.approx(wanted.odds, abs=0.1)
        again = comprehension.Comprehension(network.known, tmp_path / "reader.onnx")
        (learnt_on,) = again.read(each.question[0], [each.report[1]])
        assert learnt_on.odds == pytest.approx(found.odds, abs=0.1)

    def test_half_of_what_is_measured_by_chance_is_seen(self, network: comprehension.Comprehension) -> None:
        asked = self.exercises()
        answered, unanswered = ([e for e in asked if (e.sentence is None) is none][0] for none in (False, True))
        found = exercises.measure(network, [answered, unanswered])
        assert set(found) == {f"{a}-{b}{end}" for a in ("ko", "en") for b in ("ko", "en") for end in ("", " AUROC")}
        assert all(0 <= value <= 1 for value in found.values())
        assert network.training


class TestCommand:
    def test_the_defaults_are_where_the_models_live(self) -> None:
        assert train.arguments(["words"]).out == Path("index/words")
        assert train.arguments(["encoder", "--steps", "5", "6"]).steps == [5, 6]

    @pytest.mark.parametrize("line", [[], ["torch"], ["encoder", "--steps", "5"], ["card", "--steps", "5"], ["other"]])
    def test_a_wrong_line_is_refused(self, line: list[str]) -> None:
        with pytest.raises(SystemExit) as caught:
            train.arguments(line)
        assert caught.value.code == 2

    def test_the_card_names_files_figures_and_command(self, tmp_path: Path) -> None:
        for name in card.WEIGHTS:
            (tmp_path / name).write_bytes(name.encode())
        corpus = data.Corpus({"sentence": [("가", "a")] * 5}, [], [{}] * 600, [("나", "b")] * 2)
        text = card.text(tmp_path, corpus, {"ko-en": 0.5}, "python -m index.train encoder")
        assert "| ko-en | 0.500 |" in text and "among 1,200" in text and "among 7." in text
        assert "`python -m index.train encoder`" in text and "{" not in text
        for name in card.WEIGHTS:
            assert f"| `{name}` | 0.0 | `{hashlib.sha256(name.encode()).hexdigest()}` |" in text

    def test_the_readers_card_names_its_file_figures_and_command(self, tmp_path: Path) -> None:
        (tmp_path / reading.GRAPH).write_bytes(b"graph")
        (tmp_path / WORDS).write_bytes(b"words")
        text = card.reader_text(tmp_path, {"en-ko": 0.5, "en-ko AUROC": 0.25}, 1234, "python -m index.train reader")
        assert "| en-ko | 0.500 | 0.250 |" in text and "On 1,234 questions" in text
        assert "`python -m index.train reader`" in text and "{" not in text
        for name in (reading.GRAPH, WORDS):
            assert f"| `{name}` | 0.0 | `{hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()}` |" in text
