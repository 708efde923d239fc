"""Thinking in the text of an answer: a thought, however it is tagged and wherever the stream is cut."""

import time
from itertools import pairwise
from typing import Any

import pytest

from interplay.models.base import ModelRequest, Piece, Stop, Text, Thought
from interplay.models.chat.thinking import ThoughtScreen, Unopened
from interplay.models.openai import OpenAIBackend
from interplay.wire import GenerationConfig
from tests.models.asking import answer, model, request, text, thought
from tests.models.calling import calls, demanding, function, offering
from tests.models.sloppy_server import PERSON, TAGGED, Reply, beside, said, sloppy_server

WAYS = pytest.mark.parametrize("incremental", [True, False])
WEATHER = function()

OPENED = {
    "Qwen": ("<think>\nHm, {}.\n</think>\n\n", "Hm, {}."),
    "in one line": ("<think>Hm, {}.</think>", "Hm, {}."),
    "behind white space": ("\n <think>\nHm, {}.\n</think>\n", "Hm, {}."),
    "Seed": ("<seed:think>Hm, {}.</seed:think>", "Hm, {}."),
    "Mistral": ("[THINK]Hm, {}.[/THINK]", "Hm, {}."),
    "harmony": (
        "<|channel|>analysis<|message|>Hm, {}.<|end|><|start|>assistant<|channel|>final<|message|>",
        "Hm, {}.",
    ),
    "twice": ("<think>\nHm\n</think>\n<think>, {}.</think>\n", "Hm, {}."),
    "nothing": ("<think>\n\n</think>\n\n", ""),
    "a quoted end": ("<think>I write `</think>`, {}.\n</think>\n\n", "I write `</think>`, {}."),
}
"""How a thought of something stands before an answer, and what was thought."""

UNOPENED = {
    "Qwen": ("Hm, {}.\n</think>\n\n", "Hm, {}."),
    "DeepSeek": ("Hm, {}.</think>", "Hm, {}."),
    "nothing": ("\n</think>\n\n", ""),
    "Seed": ("Hm, {}.</seed:think>", "Hm, {}."),
    "a quoted end": ("I write `</think>`, {}.\n</think>\n\n", "I write `</think>`, {}."),
}
"""The same where the model's template has opened it."""

SPOKEN_OF = [
    "The tag <think> opens a thought, and </think> ends it.",
    "Models write `<think>` and `</think>`.",
    "It ends with </think>, I think.",
    'It ends with "</think>".',
    "So:\n```\n<think>\nHm\n</think>\n```\nThat is all.",
    "So:\n```\nHm\n</think>\n```\nThat is all.",
    "1 < 2, <thi",
    "a </think",
    "<thinking>Hm</thinking>\n42",
    "<",
    "[TH] is thorium.",
    "  indented",
]
"""Texts that have no thought in them."""


def screened(text: str, *places: int, unopened: Unopened = "unknown", incremental: bool = True) -> list[Any]:
    """The pieces of a text that comes in parts, to its regular end; neighbours of a kind are joined."""
    screen = ThoughtScreen(unopened, incremental=incremental)
    parts = [text[start:end] for start, end in pairwise([0, *places, len(text)])]
    pieces = [piece for part in parts for piece in screen.take([Text(part)])] + screen.take([Stop("stop")])
    joined: list[Any] = []
    for piece in pieces:
        if joined and type(joined[-1]) is type(piece) and not isinstance(piece, Stop):
            joined[-1] = type(piece)(joined[-1].text + piece.text)
        else:
            joined.append(piece)
    assert joined.pop() == Stop("stop")
    return joined


def cuts(text: str) -> list[tuple[int, ...]]:
    """Whole, cut in two at every place, and cut at all of them."""
    return [(), *((place,) for place in range(1, len(text))), tuple(range(1, len(text)))]


@pytest.mark.parametrize("way", OPENED)
@pytest.mark.parametrize("unopened", ["never", "unknown", "seen", "always"])
def test_a_thought_in_tags_is_a_thought(way: str, unopened: Unopened) -> None:
    """Whatever is known of the model; the white space around it and around its tags is neither thought nor text."""
    tagged, meant = (each.replace("{}", "2 < 3") for each in OPENED[way])
    for places in cuts(tagged + "42, [see] <b>."):
        expected = [Thought(meant), Text("42, [see] <b>.")] if meant else [Text("42, [see] <b>.")]
        assert screened(tagged + "42, [see] <b>.", *places, unopened=unopened) == expected


@pytest.mark.parametrize("way", UNOPENED)
@pytest.mark.parametrize(("unopened", "incremental"), [("seen", True), ("always", True), ("unknown", False)])
def test_a_thought_that_nothing_opened_is_a_thought(way: str, unopened: Unopened, incremental: bool) -> None:
    """Where it is known of the model, and where all of it comes at once."""
    tagged, meant = (each.replace("{}", "2 < 3") for each in UNOPENED[way])
    if unopened == "always" and way == "Seed":
        return
    for places in cuts(tagged + "42"):
        expected = [Thought(meant), Text("42")] if meant else [Text("42")]
        assert screened(tagged + "42", *places, unopened=unopened, incremental=incremental) == expected


@pytest.mark.parametrize("spoken", SPOKEN_OF)
@pytest.mark.parametrize(("unopened", "incremental"), [("unknown", True), ("unknown", False), ("seen", True)])
def test_text_that_speaks_of_thoughts_is_text(spoken: str, unopened: Unopened, incremental: bool) -> None:
    """In the middle, in code and in quotes."""
    for places in cuts(spoken):
        assert screened(spoken, *places, unopened=unopened, incremental=incremental) == [Text(spoken)]


def test_an_answer_without_any_end_of_a_thought_is_an_answer() -> None:
    """Though the model is said to begin inside of one: it is shown as text once it is over."""
    assert screened("42", unopened="always") == [Thought("42"), Text("42")]
    assert screened("42", unopened="seen") == [Text("42")]


@pytest.mark.parametrize("again", ["<think>", "</think>", "`</think>", " </think> ", "<", " ", "```\n</think>\n"])
@pytest.mark.parametrize("unopened", ["unknown", "seen", "always"])
def test_a_text_that_repeats_itself_takes_no_more_than_its_length(again: str, unopened: Unopened) -> None:
    """Four times the text takes about four times as long, not sixteen."""
    took = []
    for size in (2**14, 2**16):
        text = again * (size // len(again))
        began = time.process_time()
        screen = ThoughtScreen(unopened, incremental=True)
        for place in range(0, size, 2):
            screen.take([Text(text[place : place + 2])])
        screen.take([Stop("stop")])
        took.append(time.process_time() - began)
    assert took[1] < 10 * took[0] + 0.5


async def asked(
    reply: Reply, *, incremental: bool, times: int = 1, begins_thinking: bool | None = None, **changes: Any
) -> list[Piece]:
    """The pieces of the last of some answers."""
    async with sloppy_server(lambda _: reply) as server:
        backend = OpenAIBackend(server.url, begins_thinking=begins_thinking)
        await backend.open()
        pieces: list[Piece] = []
        for _ in range(times):
            asked = request("m", "Hi", incremental=incremental)
            if changes.get("functions"):
                asked = offering(asked, WEATHER, must_call=changes.get("must_call", False))
            pieces = await answer(backend, demanding(asked) if changes.get("schema") else asked)
        await backend.close()
        assert len(server.bodies) == times
    return pieces


@WAYS
@pytest.mark.parametrize("way", OPENED)
async def test_thoughts_in_tags_of_every_kind_of_answer(way: str, incremental: bool) -> None:
    """Text, a call, and JSON that is demanded; a call inside of the thought is not made, and JSON in it not judged."""
    tagged, meant = (each.replace("{}", f"{{}} {TAGGED}") for each in OPENED[way])
    pieces = await asked(said(tagged + "42"), incremental=incremental)
    assert (thought(pieces), text(pieces)) == (meant, "42")
    pieces = await asked(said(tagged + "42"), incremental=incremental, functions=True)
    assert (thought(pieces), text(pieces), calls(pieces)) == (meant, "42", [])
    pieces = await asked(said(tagged + TAGGED), incremental=incremental, functions=True, must_call=True)
    assert (thought(pieces), text(pieces), len(calls(pieces))) == (meant, "", 1)
    pieces = await asked(said(tagged + PERSON), incremental=incremental, schema=True)
    assert (thought(pieces), text(pieces)) == (meant, PERSON)


@WAYS
@pytest.mark.parametrize("way", UNOPENED)
async def test_thoughts_that_nothing_opened_of_every_kind_of_answer(way: str, incremental: bool) -> None:
    """A growing text is told from its thought from the second answer on; what is held is from the first."""
    tagged, meant = (each.replace("{}", f"{{}} {TAGGED}") for each in UNOPENED[way])
    pieces = await asked(said(tagged + "42"), incremental=incremental, times=2 if incremental else 1)
    assert (thought(pieces), text(pieces)) == (meant, "42")
    pieces = await asked(said(tagged + TAGGED), incremental=incremental, functions=True, must_call=True)
    assert (thought(pieces), text(pieces), len(calls(pieces))) == (meant, "", 1)
    pieces = await asked(said(tagged + PERSON), incremental=incremental, schema=True)
    assert (thought(pieces), text(pieces)) == (meant, PERSON)


@pytest.mark.parametrize("opened", ["<think>hm</think>", ""])
async def test_a_form_whose_words_speak_of_a_tag_is_whole(opened: str) -> None:
    """JSON is what is asked for: a tag inside of one of its strings ends no thought."""
    person = PERSON.replace("Ada", "a</think>b")
    pieces = await asked(said(opened + person), incremental=False, schema=True)
    assert (thought(pieces), text(pieces)) == ("hm" if opened else "", person)


async def test_a_call_in_a_thought_that_is_on_show_is_not_made() -> None:
    """Though nobody could know that it was a thought while it came."""
    pieces = await asked(said(f"Hm, {TAGGED}?\n</think>\n\n42"), incremental=True, functions=True)
    assert calls(pieces) == []
    assert "42" in text(pieces)


async def test_a_model_that_is_said_to_begin_thinking_thinks_aloud() -> None:
    """Its thoughts come as they grow, from the first answer on."""
    pieces = await asked(said("Hm, well, hm.\n</think>\n\n42"), incremental=True, begins_thinking=True)
    assert (thought(pieces), text(pieces)) == ("Hm, well, hm.", "42")
    assert sum(isinstance(piece, Thought) for piece in pieces) > 2


@WAYS
async def test_a_model_that_is_said_not_to_has_no_thought_without_a_tag(incremental: bool) -> None:
    """What it says is text."""
    pieces = await asked(said("Hm.\n</think>\n\n42"), incremental=incremental, times=2, begins_thinking=False)
    assert (thought(pieces), text(pieces)) == ("", "Hm.\n</think>\n\n42")


async def test_a_model_that_thinks_no_more_is_believed() -> None:
    """The last answer decides whether the next one waits."""
    replies = [said("Hm.</think>1"), said("It is a long two."), said("It is a long three.")]
    async with sloppy_server(lambda _: replies.pop(0)) as server:
        backend = OpenAIBackend(server.url)
        await backend.open()
        told = [await answer(backend, request("m", "Hi")) for _ in range(3)]
        await backend.close()
    assert text(told[1]) == "It is a long two."
    assert [sum(isinstance(piece, Text) for piece in pieces) > 1 for pieces in told] == [True, False, True]


async def streams(turns: list[tuple[str | ModelRequest, Reply]]) -> list[bool]:
    """Whether each of some answers to one backend's requests came in parts."""
    replies = [reply for _, reply in turns]
    async with sloppy_server(lambda _: replies.pop(0)) as server:
        backend = OpenAIBackend(server.url)
        await backend.open()
        requests = [request("m", each) if isinstance(each, str) else each for each, _ in turns]
        told = [await answer(backend, each) for each in requests]
        await backend.close()
    return [sum(isinstance(piece, Text) for piece in pieces) > 1 for pieces in told]


PLAIN, BEGUN = said("It is a long two."), said("Hm, well.</think>It is a long one.")
WRITES_TAG = "Write a line, then </think>, then a line."


@pytest.mark.parametrize(
    "speaks",
    [
        WRITES_TAG,
        request("m", "Obey.", system=WRITES_TAG),
        request("m", "Hi", model("a\n</think>\nb"), "Again."),
    ],
    ids=["input", "system", "history"],
)
@pytest.mark.parametrize("before", [[], [("Hi", PLAIN)]])
async def test_who_has_a_tag_written_makes_nobody_wait(
    speaks: str | ModelRequest, before: list[tuple[str | ModelRequest, Reply]]
) -> None:
    """However often: the next stream, which is somebody else's, comes as it grows."""
    assert (await streams([*before, *[(speaks, BEGUN)] * 5, ("Hi", PLAIN)]))[-1]


async def test_a_model_that_answers_plainly_is_not_made_to_think_by_one_answer() -> None:
    """It must begin inside of thoughts in a row; answers that could not have shown it count for nothing."""
    assert (await streams([("Hi", PLAIN), ("a", BEGUN), ("b", BEGUN), ("Hi", PLAIN)]))[-1]
    assert not (await streams([("Hi", PLAIN), ("a", BEGUN), ("b", BEGUN), ("c", BEGUN), ("Hi", PLAIN)]))[-1]
    stopped = request("m", "Hi", config=GenerationConfig(stop_sequences=("x",)))
    assert not (await streams([(stopped, PLAIN), ("a", BEGUN), ("Hi", PLAIN)]))[-1]


@WAYS
@pytest.mark.parametrize("begins_thinking", [True, None])
async def test_a_server_that_tells_thoughts_from_text_is_believed(
    begins_thinking: bool | None, incremental: bool
) -> None:
    """What stands in the field for reasoning is the thought, and the content is text."""
    reply = beside("42", Reply((), {}))
    reply = Reply(({"reasoning_content": "Hm"}, *reply.deltas), {"reasoning_content": "Hm", "content": "42"})
    pieces = await asked(reply, incremental=incremental, begins_thinking=begins_thinking)
    assert (thought(pieces), text(pieces)) == ("Hm", "42")


@WAYS
async def test_a_thought_that_the_limit_cut_is_a_thought(incremental: bool) -> None:
    """No half of it is an answer."""
    pieces = await asked(said("<think>\nHm, so", "length"), incremental=incremental)
    assert (thought(pieces), text(pieces), pieces[-1]) == ("Hm, so", "", Stop("length"))
    pieces = await asked(said("Hm, so", "length"), incremental=incremental, begins_thinking=True)
    assert (thought(pieces), text(pieces)) == ("Hm, so", "")


def test_thoughts_without_end_are_text_at_last() -> None:
    """Hundreds of them, one behind the other, are read, and what is behind them is there."""
    pieces = screened("<think>x</think>" * 3000 + "hello")
    assert text(pieces).endswith("hello")
    assert screened("<think>x</think>" * 51 + "hello") == [Thought("x" * 51), Text("hello")]
    assert screened("<think>x</think>" * 52 + "hello") == [Thought("x" * 51), Text("<think>x</think>hello")]


@pytest.mark.parametrize(
    ("said", "thought", "answer"),
    [
        ("<think>a</think></think>42", "a", "</think>42"),
        ("<think>a</think>b</think>42", "a", "b</think>42"),
        ("<think>a</think>\n\n<b> </think>42", "a", "<b> </think>42"),
        ("<seed:think>a</think>42</seed:think>b", "a</think>42", "b"),
    ],
)
@pytest.mark.parametrize("unopened", ["never", "unknown", "seen", "always"])
def test_a_thought_ends_once(said: str, thought: str, answer: str, unopened: Unopened) -> None:
    """By the tag of its own kind; any other one is text, and says nothing of how the model begins."""
    for places in cuts(said):
        screen = ThoughtScreen(unopened, incremental=True)
        assert screened(said, *places, unopened=unopened) == [Thought(thought), Text(answer)]
        for start, end in pairwise([0, *places, len(said)]):
            screen.take([Text(said[start:end])])
        screen.take([Stop("stop")])
        assert not screen.was_unopened


@pytest.mark.parametrize("unopened", ["unknown", "seen", "always"])
@pytest.mark.parametrize("incremental", [True, False])
@pytest.mark.parametrize(
    "said",
    [
        *("Hm.</think>42", "Hm.\n</think>\n\n<b>42", "</think>42", "Hm.</think><think>a</think>42"),
        *("`a` </think>\n42", "I write `</think>`, Hm.\n</think>\n42", "```\n</think>\n```\nHm.</think>42"),
    ],
)
def test_a_model_that_begins_inside_of_a_thought_is_known_by_it(
    said: str, unopened: Unopened, incremental: bool
) -> None:
    """Also where it was on show as text before its end came, and however it was cut."""
    for places in cuts(said):
        screen = ThoughtScreen(unopened, incremental=incremental)
        for start, end in pairwise([0, *places, len(said)]):
            screen.take([Text(said[start:end])])
        screen.take([Stop("stop")])
        assert screen.was_unopened, places


@pytest.mark.parametrize("spoken", SPOKEN_OF)
@pytest.mark.parametrize("incremental", [True, False])
def test_a_model_that_only_speaks_of_thoughts_begins_with_none(spoken: str, incremental: bool) -> None:
    """Its next answer need not wait."""
    screen = ThoughtScreen("unknown", incremental=incremental)
    for letter in spoken:
        screen.take([Text(letter)])
    screen.take([Stop("stop")])
    assert not screen.was_unopened


@pytest.mark.parametrize(("unopened", "incremental"), [("seen", True), ("always", True), ("unknown", False)])
def test_a_thought_is_told_as_soon_as_it_is_known(unopened: Unopened, incremental: bool) -> None:
    """With the first character behind its end; what comes then is text as it grows."""
    screen = ThoughtScreen(unopened, incremental=incremental)
    before = screen.take([Text("Hm.")])
    assert [*before, *screen.take([Text("</think>4")])] == [Thought("Hm."), Text("4")]
    assert screen.take([Text("2")]) == [Text("2")]


@pytest.mark.parametrize(
    ("unopened", "incremental"), [("seen", True), ("always", True), ("unknown", False), ("always", False)]
)
def test_an_answer_that_is_nothing_but_the_end_of_a_thought_is_a_thought(unopened: Unopened, incremental: bool) -> None:
    """Nothing came behind it, so only the end of the answer tells."""
    for places in cuts("Hm.\n</think>"):
        thoughts = screened("Hm.\n</think>", *places, unopened=unopened, incremental=incremental)
        assert thoughts == [Thought("Hm.")]
        assert screened("<think>Hm.", *places, unopened=unopened, incremental=incremental) == thoughts
    screen = ThoughtScreen(unopened, incremental=incremental)
    screen.take([Text("Hm.</think>"), Stop("stop")])
    assert screen.was_unopened or (unopened, incremental) == ("always", True)


def test_a_text_that_speaks_of_very_many_tags_waits_no_longer() -> None:
    """It is shown once it has named more than any thought would, and goes on as text."""
    screen = ThoughtScreen("seen", incremental=True)
    for _ in range(64):
        assert screen.take([Text("`</think>` ")]) == []
    assert screen.take([Text("`</think>` ")]) == [Text("`</think>` " * 65)]
    assert screen.take([Text("Hm.</think>42")]) == [Text("Hm.</think>42")]
    screen.take([Stop("stop")])
    assert not screen.was_unopened
