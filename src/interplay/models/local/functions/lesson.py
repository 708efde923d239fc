"""What a family of models is taught about calling functions, before it sees the client's own.

It stands first in every prompt, so the engine reads it once and keeps it. The examples are about functions that
nobody has, in two languages, and each that calls for none sounds like one that does: without those a small model
calls a function for every question that touches its topic.
"""

from typing import Final

import msgspec


class Example(msgspec.Struct, frozen=True):
    """A message, and the decision it leads to."""

    message: str
    decision: str


class Chapter(msgspec.Struct, frozen=True):
    """Functions, and messages to an assistant that has them."""

    functions: str
    examples: tuple[Example, ...]


class Lesson(msgspec.Struct, frozen=True):
    """How a family decides."""

    rules: str
    chapters: tuple[Chapter, ...]
    none: str
    """The word for no call. Its beginning is one token, and no argument begins so."""
    bias: float = 0.0
    """Added to the logit of that word: above 0, fewer calls."""


LESSON: Final = Lesson(
    rules="""\
You are the router of an assistant. The assistant can call functions. For the user's last message, write the function \
calls it needs, one a line, or none.
Call a function only when the message asks for what exactly that function does. General knowledge, explanations, math, \
writing, translation, small talk: none.
Arguments come from the message. Leave out optional arguments (marked ?) that the user did not mention.""",
    none="none",
    chapters=(
        Chapter(
            functions="""\
get_exchange_rate({from: string /* ISO code */, to: string /* ISO code */}): Current exchange rate
search_recipes({query: string, max_minutes?: integer, diet?: "vegan" | "vegetarian"}): Search the recipe collection
add_to_shopping_list({item: string, quantity?: integer}): Add an item to the shopping list""",
            examples=(
                Example(
                    "How many zlotys do I get for a dollar today?", 'get_exchange_rate({"from": "USD", "to": "PLN"})'
                ),
                Example("What is an exchange rate?", "none"),
                Example(
                    "Put milk and six eggs on my list.",
                    'add_to_shopping_list({"item": "milk"})\nadd_to_shopping_list({"item": "eggs", "quantity": 6})',
                ),
                Example("Who invented pasta?", "none"),
                Example("Coś wegańskiego z dynią, proszę.", 'search_recipes({"query": "dynia", "diet": "vegan"})'),
                Example("Ile to jest 12% z 350?", "none"),
            ),
        ),
        Chapter(
            functions="""\
book_table({restaurant: string, date: string /* YYYY-MM-DD */, people: integer, time?: string}): Book a table
get_traffic({city: string}): Get the current traffic in a city""",
            examples=(
                Example("Napisz wiersz o korkach w mieście.", "none"),
                Example(
                    "Czy lepiej, żebym dziś do pracy w Lublinie pojechał rowerem?", 'get_traffic({"city": "Lublin"})'
                ),
                Example("Translate 'a table for two' into French.", "none"),
                Example("Dzięki, to wszystko!", "none"),
            ),
        ),
    ),
)
