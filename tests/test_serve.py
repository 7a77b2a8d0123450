"""The protocol as a server that is not ours speaks it: ``transformers serve`` with a tiny model of random weights.

What such a model writes is noise, so that nothing of it may be shown; what is tested is that it is asked, streamed,
counted and left alone as any other.
"""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from rag.abstractive import Abstractive
from rag.doctor import examine
from rag.llm import LanguageModel
from rag.settings import Settings
from scripted import QUESTION, RANKED, asked, extracted, run_out, warm

NEEDED = ("accelerate", "fastapi", "uvicorn", "openai", "torch", "transformers.cli.serve")
PATIENCE = 120.0  # seconds for the model to be made and the server to be up; 10 on an idle machine
# Made and served by one process, for what takes the time is loading the libraries.
MAKE_AND_SERVE = """
import sys
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

raw = Tokenizer(models.BPE())
raw.pre_tokenizer, raw.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
alphabet = pre_tokenizers.ByteLevel.alphabet()
raw.train_from_iterator(["a b c"], trainers.BpeTrainer(special_tokens=["<s>", "</s>"], initial_alphabet=alphabet))
tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, bos_token="<s>", eos_token="</s>", pad_token="</s>")
tokenizer.chat_template = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\\n{% endfor %}assistant:"
folder, port = sys.argv[1:]
tokenizer.save_pretrained(folder)
sizes = dict(hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=2)
config = LlamaConfig(vocab_size=len(tokenizer), max_position_embeddings=16384, bos_token_id=0, eos_token_id=1, **sizes)
model = LlamaForCausalLM(config)
# The server raises a limit of length to 1,024 tokens: the likelihood of the end is made to grow instead.
model.generation_config.exponential_decay_length_penalty = (8, 2.0)
model.save_pretrained(folder)

from transformers.cli.transformers import main
sys.argv = ["transformers", "serve", folder, "--device", "cpu", "--host", "127.0.0.1", "--port", port]
main()
"""


def _missing() -> str:
    for name in NEEDED:
        with suppress(ModuleNotFoundError):
            if importlib.util.find_spec(name) is not None:
                continue
        return name
    return ""


pytestmark = pytest.mark.skipif(bool(_missing()), reason=f"`transformers serve` needs {_missing()}, not installed here")


def _up(port: int, server: subprocess.Popen[bytes]) -> bool:
    """Whether the server takes connections, within ``PATIENCE``."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        time.sleep(0.2)
    return False


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The server's address and its model's name."""
    model, cache = tmp_path_factory.mktemp("tiny"), tmp_path_factory.mktemp("hub")
    # The list of models is made from the cache's folder, which must exist. One thread: threads that wait for each other
    # make a model of this size a hundred times slower on a busy machine.
    quiet = {"HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": str(cache), "HF_HUB_DISABLE_TELEMETRY": "1", "OMP_NUM_THREADS": "1"}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("log") / "serve.log"
    with log.open("wb") as sink:
        command = [sys.executable, "-c", MAKE_AND_SERVE, str(model), str(port)]
        server = subprocess.Popen(command, env=os.environ | quiet, stdout=sink, stderr=sink)
        try:
            warm()  # meanwhile
            assert _up(port, server), log.read_text("utf-8", "replace")[-2_000:]
            yield f"http://127.0.0.1:{port}/v1", str(model)
        finally:
            server.terminate()
            server.wait(20)


def test_a_reply_is_streamed_piece_by_piece_to_its_end_and_repeats(address: tuple[str, str]) -> None:
    model = LanguageModel(*address, pause=PATIENCE)
    replies = []
    for _ in range(2):
        with model.ask([{"role": "user", "content": "Say something."}]) as reply:
            pieces = [piece for piece in reply if piece]
        assert len(pieces) > 1 and reply.ending in ("stop", "length")
        replies.append("".join(pieces))
    assert replies[0] == replies[1] and model.answered_as


def test_noise_is_not_shown_and_the_answer_is_quoted(address: tuple[str, str]) -> None:
    drafts, outcome = run_out(Abstractive(LanguageModel(*address, pause=PATIENCE)).drafts(asked(), QUESTION, RANKED))
    assert drafts == extracted() and outcome.generator == "extractive" and outcome.notice
    assert "failed" not in outcome.notice and "reached" not in outcome.notice and "rejected" not in outcome.notice


def test_an_unknown_model_or_path_is_a_fault_like_any_other(address: tuple[str, str]) -> None:
    for model in (LanguageModel(address[0] + "/nowhere", address[1]), LanguageModel(address[0], "no/such-model")):
        drafts, outcome = run_out(Abstractive(model).drafts(asked(), QUESTION, RANKED))
        assert drafts == extracted() and outcome.notice


def test_the_doctor_finds_it_well(address: tuple[str, str], tmp_path: Path) -> None:
    findings = {f.name: f for f in examine(Settings(tmp_path, llm_base_url=address[0], llm_model=address[1]))}
    assert findings["server"].grade == "ok" and findings["reply"].grade == "ok", findings
