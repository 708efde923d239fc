"""Grammar rules as values, and the text that llama.cpp reads (GBNF)."""

from collections.abc import Mapping
from typing import Final

import msgspec


class Literal(msgspec.Struct, frozen=True, tag=True):
    """Exactly this."""

    text: str


class Chars(msgspec.Struct, frozen=True, tag=True):
    """One character, from a first to a last of some ranges, or, `negated`, one of none of them."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False


class Sequence(msgspec.Struct, frozen=True, tag=True):
    """One after another; nothing at all where there are none."""

    parts: tuple["Rule", ...]


class Choice(msgspec.Struct, frozen=True, tag=True):
    """One of several, of which there is at least one."""

    options: tuple["Rule", ...]


class Repeat(msgspec.Struct, frozen=True, tag=True):
    """The same, so many times."""

    rule: "Rule"
    least: int
    most: int


class Named(msgspec.Struct, frozen=True, tag=True):
    """Another rule."""

    name: str


Rule = Literal | Chars | Sequence | Choice | Repeat | Named

EMPTY: Final = Sequence(())


def sequence(*parts: Rule) -> Rule:
    """One after another, without what is empty."""
    kept = tuple(part for part in parts if part != EMPTY)
    return kept[0] if len(kept) == 1 else Sequence(kept)


def choice(*options: Rule) -> Rule:
    """One of several."""
    return options[0] if len(options) == 1 else Choice(options)


def repeat(rule: Rule, least: int, most: int) -> Rule:
    """The same, so many times."""
    return EMPTY if most == 0 else rule if least == most == 1 else Repeat(rule, least, most)


def optional(rule: Rule) -> Rule:
    """This or nothing."""
    match rule:
        case Repeat(least=0 | 1):
            return Repeat(rule.rule, 0, rule.most)
        case _:
            return repeat(rule, 0, 1) if rule != EMPTY else EMPTY


def chars(*ranges: str, negated: bool = False) -> Chars:
    """One character of some ranges: `chars("09", "x")` is a digit or an x."""
    return Chars(tuple((item[0], item[-1]) for item in ranges), negated)


def text(rules: dict[str, Rule]) -> str:
    """The whole grammar. Its first rule is `root`."""
    return "".join(f"{name} ::= {_written(rule, 0)}\n" for name, rule in rules.items())


def renamed(rule: Rule, names: Mapping[str, str]) -> Rule:
    """The same rule with other rules called otherwise, so that it can stand in another grammar."""
    match rule:
        case Literal() | Chars():
            return rule
        case Named():
            return Named(names[rule.name])
        case Repeat():
            return Repeat(renamed(rule.rule, names), rule.least, rule.most)
        case Sequence():
            return Sequence(tuple(renamed(part, names) for part in rule.parts))
        case Choice():
            return Choice(tuple(renamed(option, names) for option in rule.options))


def _written(rule: Rule, binding: int) -> str:
    """A rule's text, in brackets where its surroundings bind (1: a sequence, 2: a repetition) more tightly."""
    match rule:
        case Literal():
            return _quoted(rule.text)
        case Chars():
            inner = "".join(_range(*pair) for pair in rule.ranges)
            return f"[{'^' if rule.negated else ''}{inner}]"
        case Named():
            return rule.name
        case Repeat():
            inner = f"{_written(rule.rule, 2)}{_times(rule)}"
            return f"({inner})" if binding > 1 else inner
        case Sequence():
            inner = " ".join(_written(part, 1) for part in rule.parts) or '""'
            return f"({inner})" if binding > 1 and len(rule.parts) > 1 else inner
        case Choice():
            inner = " | ".join(_written(option, 1) for option in rule.options)
            return f"({inner})" if binding > 0 else inner


def _times(rule: Repeat) -> str:
    if (rule.least, rule.most) == (0, 1):
        return "?"
    return f"{{{rule.least}}}" if rule.least == rule.most else f"{{{rule.least},{rule.most}}}"


def _quoted(value: str) -> str:
    return '"' + "".join(_literal_character(character) for character in value) + '"'


def _literal_character(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else _escaped(character)


def _range(first: str, last: str) -> str:
    return _class_character(first) if first == last else f"{_class_character(first)}-{_class_character(last)}"


def _class_character(character: str) -> str:
    return character if character.isalnum() and character.isascii() else _escaped(character)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
