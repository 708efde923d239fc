"""Random answers out of a grammar's rules."""

import random
from typing import Final

from interplay.schemas.rules import Chars, Choice, Literal, Named, Repeat, Rule, Sequence

ALPHABET: Final = "ab z09_-\u00e9\u4e16\U0001f600"
MORE: Final = 3
"""How many repetitions beyond the least a walk makes."""


def walk(rules: dict[str, Rule], rule: Rule, chance: random.Random) -> str:
    """One text that the rule lets through."""
    match rule:
        case Literal():
            return rule.text
        case Chars():
            return character(rule, chance)
        case Sequence():
            return "".join(walk(rules, part, chance) for part in rule.parts)
        case Choice():
            return walk(rules, chance.choice(rule.options), chance)
        case Repeat():
            count = chance.randint(rule.least, min(rule.most, rule.least + MORE))
            return "".join(walk(rules, rule.rule, chance) for _ in range(count))
        case Named():
            return walk(rules, rules[rule.name], chance)


def character(chars: Chars, chance: random.Random) -> str:
    """One of the characters."""
    if chars.negated:
        return chance.choice([one for one in ALPHABET if not any(first <= one <= last for first, last in chars.ranges)])
    first, last = chance.choice(chars.ranges)
    return chr(chance.randint(ord(first), ord(last)))
