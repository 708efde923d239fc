"""Bounded shapes as a grammar for llama.cpp.

Written by us: its own converter of JSON schemas ignores the bounds of numbers that are not whole, lets spaces and
free values run on, drops `prefixItems` beside `items` and admits half surrogates and dates that there are not.

An answer stands on one line, as Python's `json.dumps` writes it.
"""

from typing import Final

import msgspec

from interplay.schemas import limits
from interplay.schemas.digits import numerals
from interplay.schemas.moments import MOMENTS
from interplay.schemas.rules import (
    EMPTY,
    Literal,
    Named,
    Rule,
    chars,
    choice,
    optional,
    repeat,
    sequence,
)
from interplay.schemas.shapes import Constants, Fields, Flag, Items, Kind, Null, Number, Shapes, Text

QUOTE: Final = Literal('"')
COMMA: Final = Literal(", ")
CONTROL: Final = ("\x00\x1f", "\x7f")
PLAIN: Final = chars('"', "\\", *CONTROL, negated=True)
ESCAPE: Final = sequence(Literal("\\"), chars('"', "\\", "/", "b", "f", "n", "r", "t"))
"""The short escapes. `\\u` would let half of a surrogate pair through, and every character can stand for itself."""

SHARED: Final[dict[str, Rule]] = {
    "character": choice(PLAIN, ESCAPE),
    "string": sequence(QUOTE, repeat(Named("character"), 0, limits.TEXT), QUOTE),
    **{name: sequence(QUOTE, rule, QUOTE) for name, rule in MOMENTS.items()},
}


def rules(shapes: Shapes) -> dict[str, Rule]:
    """All rules, `root` first."""
    return Grammar(shapes).result()


class Grammar:
    """Rules being made: one for each place, and further ones for what follows an object's property."""

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes
        self._names = {place: f"v{number}" for number, place in enumerate(shapes.at)}
        self._rules: dict[str, Rule] = {"root": Named(self._names[shapes.root])}

    def result(self) -> dict[str, Rule]:
        """Every place's rule, then the shared ones."""
        for place, shape in self._shapes.at.items():
            name = self._names[place]
            self._rules[name] = choice(*(self._kind(kind, f"{name}-{index}") for index, kind in enumerate(shape)))
        return {**self._rules, **SHARED}

    def _kind(self, kind: Kind, name: str) -> Rule:  # noqa: PLR0911 - one for each kind
        match kind:
            case Constants():
                return choice(*(Literal(one_line(value)) for value in kind.values))
            case Text():
                return Named(kind.format or "string")
            case Number():
                return numerals(kind)
            case Flag():
                return choice(Literal("true"), Literal("false"))
            case Null():
                return Literal("null")
            case Items():
                return sequence(Literal("["), self._items(kind, name), Literal("]"))
            case Fields():
                return sequence(Literal("{"), self._fields(kind, name), Literal("}"))

    def _place(self, place: str) -> Rule:
        return Named(self._names[place])

    def _items(self, items: Items, name: str) -> Rule:
        """The items from the last to the first: each may end the list, once there are enough."""
        most = len(items.first) if items.most is None else items.most
        rule = self._further(items, most)
        for index in reversed(range(len(items.first))):
            further = self._kept(rule, f"{name}-{index}")  # else a long list would be nested too deeply to be written
            rule = sequence(COMMA if index else EMPTY, self._place(items.first[index]), further)
            rule = rule if index < items.least else optional(rule)
        return rule

    def _further(self, items: Items, most: int) -> Rule:
        """What follows the first items."""
        before = len(items.first)
        if items.rest is None or most <= before:
            return EMPTY
        least, most, item = max(items.least - before, 0), most - before, self._place(items.rest)
        if before:
            return repeat(sequence(COMMA, item), least, most)
        listed = sequence(item, repeat(sequence(COMMA, item), max(least - 1, 0), most - 1))
        return listed if least else optional(listed)

    def _fields(self, fields: Fields, name: str) -> Rule:
        """The properties from the last to the first. What follows depends on whether a comma is due."""
        first, later = self._others(fields, name)
        for index in reversed(range(len(fields.fields))):
            field = fields.fields[index]
            pair = sequence(Literal(one_line(field.name) + ": "), self._place(field.place))
            after = self._kept(later, f"{name}-{index}")
            later = sequence(COMMA, pair, after) if field.required else sequence(optional(sequence(COMMA, pair)), after)
            begun = sequence(pair, after)
            first = begun if field.required else choice(begun, self._kept(first, f"{name}-{index}f"))
        return first

    def _others(self, fields: Fields, name: str) -> tuple[Rule, Rule]:
        """Properties that the schema does not name: as the object's first, and after others."""
        if fields.rest is None:
            return EMPTY, EMPTY
        self._rules[f"{name}-key"] = sequence(QUOTE, other_name(fields), QUOTE)
        pair = sequence(Named(f"{name}-key"), Literal(": "), self._place(fields.rest))
        self._rules[f"{name}-pair"] = sequence(COMMA, pair)
        further = Named(f"{name}-pair")
        alone = optional(sequence(pair, repeat(further, 0, limits.FREE_PROPERTIES - 1)))
        return alone, repeat(further, 0, limits.FREE_PROPERTIES)

    def _kept(self, rule: Rule, name: str) -> Rule:
        """A rule that others refer to, lest it is written out in each of them."""
        if rule == EMPTY:
            return EMPTY
        self._rules[name] = rule
        return Named(name)


def other_name(fields: Fields) -> Rule:
    """The names that are none of these. Those with a character that JSON escapes cannot come up anyway."""
    return unlike(sorted({*(field.name for field in fields.fields), *fields.avoided}), limits.KEY, begun=False)


def unlike(names: list[str], left: int, *, begun: bool) -> Rule:
    """What may follow when so many characters are left, and these are the ends of the names to avoid."""
    heads: dict[str, list[str]] = {}
    for name in names:
        if name:
            heads.setdefault(name[0], []).append(name[1:])
    if not heads:
        return repeat(PLAIN, 1 if "" in names or not begun else 0, left)
    if left == 0:
        return EMPTY
    known = (sequence(chars(head), unlike(ends, left - 1, begun=True)) for head, ends in heads.items() if usual(head))
    other = sequence(chars('"', "\\", *CONTROL, *heads, negated=True), repeat(PLAIN, 0, left - 1))
    rule = choice(*known, other)
    return optional(rule) if begun and "" not in names else rule


def usual(character: str) -> bool:
    """Whether JSON writes it as itself."""
    return character >= " " and character not in '"\\\x7f'


def one_line(value: object) -> str:
    """A value as an answer has it."""
    match value:
        case dict():
            return "{" + ", ".join(f"{one_line(key)}: {one_line(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(one_line, value)) + "]"
        case _:
            return msgspec.json.encode(value).decode()
