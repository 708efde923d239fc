"""The small language of the scripted model: a request in, the acts of its answer out. Pure functions.

The last user input is a script if its first line begins with one of the words below and a colon. Every line
of it is then one directive, done in order; blank lines do not count. Any other text is said back.

    say: some words          says them; "quoted", as a JSON string, for line breaks and spaces at the ends
    think: some words        thinks them
    repeat: 50 tok           says `tok` 50 times
    system:                  says the system instruction back
    recall: 1                says the conversation's first user input back; -1 is the script itself
    history:                 says the whole conversation back, a line `user: ...` or `assistant: ...` each
    config: temperature      says that field of the generation config back, as JSON; `null` when it is not set
    wait: 0.2                waits, in seconds
    count: input=5 output=7  reports these counts (input, output, cached, thought) instead of the true ones
    call: name {"a": 1}      calls a function with these arguments, without any where they are left out
    functions:               says the names of the functions it may call; `any` first where it must call one
    format:                  says the JSON schema that its answer must meet, `null` where it may be any text
    result: 1                says the first result of the script's calls; -1 is the latest
    then:                    ends the answer here; what follows is done when results of its calls have come
    stop: length             ends the answer here as if the token limit was met, or with `stop` regularly
    fail: bad_gateway why    ends the answer here with this failure, a word of `interplay.errors`

Results that come when no `then:` is left are said back. What two directives say stands on two lines. One token is one
word between spaces, and the counts are true: `input` counts the words that reached the model, `output` and `thought`
the words it gave, and nothing is cached. The stop sequences and the token limit of the generation config hold.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from interplay.errors import invalid, shown
from interplay.models.base import Counts, Failed, ModelRequest, Stop
from interplay.models.chat.messages import messages
from interplay.models.scripted.conversation import begun, inputs, results_since_script
from interplay.models.scripted.directives import (
    DIRECTIVES,
    Act,
    Directive,
    Say,
    Think,
    said,
)

_THEN: Final = "then:"


def plan(request: ModelRequest) -> list[Act]:
    """What the model does to answer, in order; the last act is a `Stop` or a `Failed`. Raises invalid_request."""
    config = request.generation_config
    beginning = ""
    if request.continues:
        request, beginning = begun(request)
    acts = _ended([*_performed(request), Stop("stop")])
    acts = _cut(acts, config.stop_sequences or ())
    acts = _behind(acts, beginning) if beginning else acts
    return acts if config.max_output_tokens is None else _limited(acts, config.max_output_tokens)


def counted(request: ModelRequest, acts: Sequence[Act]) -> Counts:
    """The counts of a turn: what a `count:` reports, and the truth for the rest."""
    counts = Counts(
        input=prompt_words(request),
        output=sum(isinstance(act, Say) and not act.text.isspace() for act in acts),
        cached=0,
        thought=sum(isinstance(act, Think) for act in acts),
    )
    for act in acts:
        if isinstance(act, Counts):
            told = {name: value for name, value in msgspec.structs.asdict(act).items() if value is not None}
            counts = msgspec.structs.replace(counts, **told)
    return counts


def prompt_words(request: ModelRequest) -> int:
    """The words that reach the model."""
    return sum(len(message.content.split()) for message in messages(request))


def _performed(request: ModelRequest) -> Iterator[Act]:
    """The acts of every directive, or of saying back what is no script."""
    text = (inputs(request) or [""])[-1]
    come = results_since_script(request)
    lines = _part(text, len(come))
    if lines is None:
        yield from said("\n".join(come[-1]) if come else text)
        return
    begun: set[type] = set()
    for line in lines:
        yield from _on_a_line_of_its_own(_acts_of(line, request), begun)


def _part(text: str, number: int) -> list[str] | None:
    """The lines of a script that are done now, after results have come so many times; None where there are none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or _directive(lines[0]) is None:
        return None
    ends = [index for index, line in enumerate(lines) if line == _THEN]
    starts = [0, *(end + 1 for end in ends)]
    return lines[starts[number] : [*ends, len(lines)][number]] if number < len(starts) else None


def _acts_of(line: str, request: ModelRequest) -> Iterable[Act]:
    directive = _directive(line)
    if directive is None:
        raise invalid(
            f"the script has the line {shown(line)}; every line must begin with one of: {', '.join(DIRECTIVES)}"
        )
    return directive(line.partition(":")[2].strip(), request)


def _directive(line: str) -> Directive | None:
    name, colon, _ = line.partition(":")
    return DIRECTIVES.get(name) if colon else None


def _on_a_line_of_its_own(acts: Iterable[Act], begun: set[type]) -> Iterator[Act]:
    """The same acts; a line break before the first word if some of its kind came before."""
    for number, act in enumerate(acts):
        match act:
            case Say(text) | Think(text) if number == 0 and type(act) in begun:
                yield type(act)("\n" + text)
            case _:
                yield act
        begun.add(type(act))


def _ended(acts: Iterable[Act]) -> list[Act]:
    """The acts up to the first that ends the answer."""
    kept: list[Act] = []
    for act in acts:
        kept.append(act)
        if isinstance(act, Stop | Failed):
            break
    return kept


def _cut(acts: list[Act], sequences: Sequence[str]) -> list[Act]:
    """The acts up to where the first stop sequence would be said."""
    text = "".join(act.text for act in acts if isinstance(act, Say))
    starts = [start for sequence in sequences if (start := text.find(sequence)) >= 0]
    if not starts:
        return acts
    left, kept = min(starts), list[Act]()
    for act in acts:
        if isinstance(act, Say):
            if len(act.text) > left:
                return [*kept, *([Say(act.text[:left])] if left else []), Stop("stop")]
            left -= len(act.text)
        kept.append(act)
    return kept


def _behind(acts: list[Act], said: str) -> list[Act]:
    """The acts behind the beginning of the answer, which was said before."""
    left = len(said)
    for number, act in enumerate(acts):
        if left <= 0 and not isinstance(act, Think):
            return acts[number:]
        if isinstance(act, Say):
            if len(act.text) > left:
                return [Say(act.text[left:]), *acts[number + 1 :]]
            left -= len(act.text)
    return [acts[-1]]


def _limited(acts: list[Act], most: int) -> list[Act]:
    """The acts up to the token limit, which thoughts count against too."""
    kept: list[Act] = []
    for act in acts:
        if isinstance(act, Say | Think):
            most -= 1
            if most < 0:
                return [*kept, Stop("length")]
        kept.append(act)
    return kept
