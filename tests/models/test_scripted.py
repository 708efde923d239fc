"""The scripted model's language."""

from collections.abc import AsyncIterator

import pytest

from interplay.errors import Failure
from interplay.models.base import Counts, Failed, Piece, Stop, Text, Thought
from interplay.models.scripted.backend import ScriptedBackend
from interplay.wire import GenerationConfig, Step
from tests.models.asking import answer, failure, model, request, text, thought

Conversation = tuple[Step | str, ...]


class Waits:
    """A wait that takes no time and remembers what was asked of it."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        """Wait, in name only."""
        self.seconds.append(seconds)


@pytest.fixture
def waits() -> Waits:
    """How the backend waits."""
    return Waits()


@pytest.fixture
async def backend(waits: Waits) -> AsyncIterator[ScriptedBackend]:
    """An open backend that never really waits."""
    backend = ScriptedBackend(wait=waits)
    await backend.open()
    yield backend
    await backend.close()


async def ask(
    backend: ScriptedBackend,
    *steps: Step | str,
    config: GenerationConfig | None = None,
    system: str | None = None,
    incremental: bool = True,
) -> list[Piece]:
    """The answer to a script that the check accepts."""
    asked = request("scripted", *steps, config=config, system=system, incremental=incremental)
    backend.check(asked)
    return await answer(backend, asked)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("Hello, you.\nHow are you?  ", "Hello, you.\nHow are you?  "),
        ("Note: this is no script", "Note: this is no script"),
        ("say hello", "say hello"),
        ("say: Hello, you.", "Hello, you."),
        ("say: one\n\n  say:two", "one\ntwo"),
        ('say: " one\\n two "', " one\n two "),
        ('say: "quoted" and not', '"quoted" and not'),
        ("say:", ""),
        ("repeat: 3 a b", "a b a b a b"),
        ("repeat: 2", "tok tok"),
        ("repeat: 0 x\nsay: y", "y"),
        ("system:", "Be kind."),
        ("recall: 1", "My name is Ada."),
        ("recall: -2", "How are you?"),
        ("recall: -1", "recall: -1"),
        ("history:", "user: My name is Ada.\nassistant: Hi.\nuser: How are you?\n\nhistory:"),
        ("config: temperature\nconfig: seed\nconfig: max_output_tokens", "0.5\nnull\nnull"),
        ("say: a\nstop: stop\nsay: b", "a"),
    ],
)
@pytest.mark.parametrize("incremental", [True, False])
async def test_what_is_said(backend: ScriptedBackend, script: str, said: str, incremental: bool) -> None:
    """Each directive says what it promises, in one piece or in many."""
    turns: Conversation = ("My name is Ada.", model("Hi."), "How are you?", script)
    config = GenerationConfig(temperature=0.5, stop_sequences=("unheard-of",))
    pieces = await ask(backend, *turns, config=config, system="Be kind.", incremental=incremental)
    assert text(pieces) == said
    assert pieces[-1] == Stop("stop")
    assert incremental or sum(isinstance(piece, Text) for piece in pieces) <= 1


async def test_thoughts_come_where_the_script_puts_them(backend: ScriptedBackend) -> None:
    """Thinking and saying take turns, word by word."""
    pieces = await ask(backend, "think: one two\nsay: three\nthink: four")
    said = [Thought("one"), Thought(" two"), Text("three"), Thought("\nfour")]
    assert pieces == [*said, Counts(input=7, output=1, cached=0, thought=3), Stop("stop")]
    assert thought(pieces) == "one two\nfour"


async def test_counts_are_words(backend: ScriptedBackend) -> None:
    """Input is everything that reached the model, output what it said."""
    *_, counts, _ = await ask(backend, "one two", model("three"), "say: a b c", system="four five")
    assert counts == Counts(input=9, output=3, cached=0, thought=0)
    asked = request("scripted", "one two", model("three"), "say: a b c", system="four five")
    assert await backend.count_tokens(asked) == 9


async def test_counts_can_be_told(backend: ScriptedBackend) -> None:
    """A script's own counts take the place of those it names."""
    *_, counts, _ = await ask(backend, "say: a b\ncount: input=500 cached=400")
    assert counts == Counts(input=500, output=2, cached=400, thought=0)


async def test_waits_in_between(backend: ScriptedBackend, waits: Waits) -> None:
    """Waiting happens at its place and for its time."""
    pieces = backend.generate(request("scripted", "say: a\nwait: 0.25\nsay: b\nwait: 3"))
    assert await anext(pieces) == [Text("a")]
    assert waits.seconds == []
    assert await anext(pieces) == [Text("\nb")]
    assert waits.seconds == [0.25]
    await pieces.aclose()


@pytest.mark.parametrize(
    ("stop", "said"),
    [(("c d",), "a b "), (("d", "b"), "a "), (("a",), ""), (("e\nf",), "a b c d "), (("x",), "a b c d e\nf")],
)
async def test_stop_sequences(backend: ScriptedBackend, stop: tuple[str, ...], said: str) -> None:
    """The earliest of them ends the text, inside or across words and lines."""
    pieces = await ask(backend, "say: a b c d e\nsay: f", config=GenerationConfig(stop_sequences=stop))
    assert text(pieces) == said
    assert pieces[-1] == Stop("stop")


@pytest.mark.parametrize(("most", "said", "reason"), [(1, "", "length"), (3, "b c", "length"), (4, "b c d", "stop")])
async def test_the_token_limit_counts_thoughts_too(backend: ScriptedBackend, most: int, said: str, reason: str) -> None:
    """An answer of exactly the limit is whole."""
    pieces = await ask(backend, "think: a\nsay: b c d", config=GenerationConfig(max_output_tokens=most))
    assert text(pieces) == said
    assert pieces[-1] == Stop(reason)  # type: ignore[arg-type]


async def test_stopping_by_word(backend: ScriptedBackend) -> None:
    """A script can end as if the limit was met."""
    assert (await ask(backend, "say: a\nstop: length"))[-1] == Stop("length")


@pytest.mark.parametrize("incremental", [True, False])
async def test_failing_by_word(backend: ScriptedBackend, incremental: bool) -> None:
    """A script can fail with any code and message, after what it said when somebody watches."""
    pieces = await ask(backend, "say: a\nfail: rate_limited slow down\nsay: b", incremental=incremental)
    assert failure(pieces) == ("rate_limited", "slow down")
    assert text(pieces) == ("a" if incremental else "")


@pytest.mark.parametrize(
    ("script", "named"),
    [
        ("say: a\nshout: b", "shout: b"),
        ("say: a\nand more", "and more"),
        ("wait: long", '"long"'),
        ("wait: -1", '"-1"'),
        ("wait: nan", '"nan"'),
        ("wait: 1e9", "86400"),
        ("repeat: tok", '"tok"'),
        ("repeat: 100001 tok", "100000"),
        ("recall: 0", '"0"'),
        ("recall: 2", "1 to 1"),
        ("recall: one", '"one"'),
        ("config: temper", '"temper"'),
        ("count: input=x", '"input=x"'),
        ("count: inputs=1", '"inputs=1"'),
        ("stop: now", '"now"'),
        ("fail: badly", "bad_gateway"),
    ],
)
async def test_a_mistake_in_a_script_is_refused(backend: ScriptedBackend, script: str, named: str) -> None:
    """The check says what stands in the script and what was expected; so does a run that was not checked."""
    asked = request("scripted", script)
    with pytest.raises(Failure) as refused:
        backend.check(asked)
    assert refused.value.code == "invalid_request"
    assert named in refused.value.message
    assert failure(await answer(backend, asked)) == (refused.value.code, refused.value.message)


async def test_closing_ends_a_running_answer(backend: ScriptedBackend) -> None:
    """What is still being said when the server stops ends with a failure."""
    pieces = backend.generate(request("scripted", "say: a b c"))
    await anext(pieces)
    await backend.close()
    (last,) = await anext(pieces)
    assert isinstance(last, Failed)
    assert last.failure.code == "unavailable"
    await pieces.aclose()


async def test_only_its_own_names(backend: ScriptedBackend) -> None:
    """The names it was given are the models there are."""
    assert await backend.models() == ["scripted"]
    with pytest.raises(Failure, match='"scripted2"'):
        backend.check(request("scripted2", "Hi"))
    with pytest.raises(Failure, match='"scripted2"'):
        await backend.capabilities("scripted2")
