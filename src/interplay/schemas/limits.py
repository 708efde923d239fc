"""How large a schema may be, and how far an answer made after it may go."""

from typing import Final

from interplay.nesting import DEEPEST_INSIDE

BYTES: Final = 131_072
"""Longest schema, as compact JSON."""
DEPTH: Final = (DEEPEST_INSIDE - 3) // 2
"""Schemas inside schemas, each definition by itself, so recursion is no depth. Each is two levels of JSON where it is a
property; the rest is for `$defs` and an innermost `enum`."""
PROPERTIES: Final = 2000
"""Named properties in the whole schema."""
ENUM_VALUES: Final = 2000
"""Values of all `enum` lists together."""
ITEMS: Final = 1000
"""Highest `minItems`, and longest `prefixItems`."""
LARGEST: Final = 1e30
"""Farthest from 0 that a number may have to be."""
SMALLEST: Final = 1e-30
"""Nearest to 0 that a bound may be, 0 itself excepted."""
ALTERNATIVES: Final = 500
"""Ways in which `anyOf` lists that must hold together combine at one place."""
CHAIN: Final = 16
"""How many references, `allOf` and `anyOf` may lead from one to the next before an object or a list comes."""
ANSWER_DEPTH: Final = DEEPEST_INSIDE
"""Lists and objects in one another, in an answer or the arguments of a call."""
PARTS: Final = 10_000
"""What the schema comes to when all that must hold together is put together, and recursion unrolled: alternatives and
properties of all places of an answer."""
STEPS: Final = 50_000
"""Schemas looked at on the way there."""

EFFORT: Final = 250_000
"""Steps that a schema may take from its text to its grammar, and all schemas of a request together (`effort`)."""

CACHED: Final = 256
"""Compiled schemas kept."""

TEXT: Final = 2000
"""Longest string of a bounded answer, in characters. llama.cpp repeats nothing more often."""
KEY: Final = 64
"""Longest name of a property that the schema does not name."""
FREE_ITEMS: Final = 64
"""Most items of a list whose schema has no `maxItems`."""
FREE_PROPERTIES: Final = 32
"""Most properties that the schema does not name, in one object."""
RECURSION: Final = 8
"""How often a recursive schema may enter itself, unless its least answer needs more."""
FREE_RECURSION: Final = 4
"""How deep a value nests that the schema says nothing about."""
