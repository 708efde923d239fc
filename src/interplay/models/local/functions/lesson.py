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
    biases: tuple[tuple[str, float], ...] = ()
    """What is added to the logits of some tokens, written out. Each must be one token of the family's: of a text that
    is several, all would be meant."""


RULES: Final = """\
You are the router of an assistant that has functions. Reply to the user's last message with the function calls that \
it needs, one a line, or with none.
Call a function only if the user wants what it does, now, with real data. Knowledge, definitions, advice, math, \
writing, translation, opinions, jokes, thanks, news from the user, wishes that no function fits: none, even when the \
topic is that of a function.
Before calls, say in English, behind #, what the user wants. Take arguments from the message; an id that nobody \
gave must be found first, by another function. Leave out optional \
arguments (marked ?) that the user did not mention."""

KITCHEN: Final = Chapter(
    functions="""\
get_exchange_rate({from: string /* ISO code */, to: string /* ISO code */}): Current exchange rate
search_recipes({query: string, max_minutes?: integer, diet?: "vegan" | "vegetarian" | "any"}): Search recipes
get_recipe({id: integer, servings?: integer, unit?: "metric" | "imperial"}): Get a recipe of the collection
add_to_shopping_list({item: string, quantity?: integer, shop?: string}): Add an item to the shopping list
track_parcel({number: string, carrier?: "dhl" | "ups"}): Track a parcel""",
    examples=(
        Example(
            "How many zlotys do I get for a dollar today?",
            '# rate from USD to PLN\nget_exchange_rate({"from": "USD", "to": "PLN"})',
        ),
        Example("What is an exchange rate?", "none"),
        Example(
            "Put milk and six eggs on my list.",
            "# add milk; add 6 eggs\n"
            'add_to_shopping_list({"item": "milk"})\nadd_to_shopping_list({"item": "eggs", "quantity": 6})',
        ),
        Example("Who invented pasta?", "none"),
        Example("Umów mnie do dentysty na wtorek.", "none"),
        Example(
            "Coś wegańskiego z dynią, proszę.",
            '# vegan pumpkin recipes\nsearch_recipes({"query": "dynia", "diet": "vegan"})',
        ),
        Example("Ile to jest 12% z 350?", "none"),
        Example(
            "Show me your recipe for pumpkin pie.",
            '# first find the recipe\nsearch_recipes({"query": "pumpkin pie"})',
        ),
        Example(
            "Show me your recipe for pumpkin pie.\n\nDone so far:\n"
            'Result of search_recipes({"query": "pumpkin pie"}): [{"id": 81, "title": "Pumpkin pie"}]',
            '# the recipe found, 81\nget_recipe({"id": 81})',
        ),
        Example(
            "czy paczki 77-12-AB i 90-3 już do mnie jadą?",
            "# track parcel 77-12-AB; track parcel 90-3\n"
            'track_parcel({"number": "77-12-AB"})\ntrack_parcel({"number": "90-3"})',
        ),
        Example("Help me word a note to my neighbour about a lost parcel.", "none"),
        Example("Jak działa poczta?", "none"),
        Example("The parcel came this morning, so that is settled.", "none"),
    ),
)

TOWN: Final = Chapter(
    functions="""\
book_table({restaurant: string, date: string /* YYYY-MM-DD */, time?: string /* HH:MM */, people?: integer, \
area?: "inside" | "terrace", repeat?: ("weekly" | "monthly")[]}): Book a table in a restaurant
get_traffic({city: string, radius_km?: number}): Get the current traffic in a city
report_problem({device: string, text: string, urgent?: boolean}): Report a broken device to the landlord""",
    examples=(
        Example("Napisz wiersz o korkach w mieście.", "none"),
        Example(
            "Czy lepiej, żebym dziś do pracy w Lublinie pojechał rowerem?",
            '# traffic in Lublin now\nget_traffic({"city": "Lublin"})',
        ),
        Example("Translate 'a table for two' into French.", "none"),
        Example(
            "Zarezerwuj stolik na tarasie u Basi na 4 września (September) 2025, wpół do ósmej wieczorem.",
            "# book terrace table at Basia, 4 September 2025, 19:30\n"
            'book_table({"restaurant": "Basia", "date": "2025-09-04", "time": "19:30", "area": "terrace"})',
        ),
        Example(
            "Earlier in this conversation:\nUser: How is traffic in Leeds?\nAssistant: A delay of 40 minutes.\n\n"
            "The user's last message:\nAnd in York?",
            '# traffic in York now\nget_traffic({"city": "York"})',
        ),
        Example(
            "The washing machine leaks!",
            '# report the leaking washing machine\nreport_problem({"device": "washing machine", "text": "It leaks"})',
        ),
        Example("Why do washing machines leak?", "none"),
        Example("Byliśmy wczoraj u Basi, było pysznie!", "none"),
        Example("What can you do for me?", "none"),
        Example(
            "Table for 3 at Roma, 12 Feb 2026",
            "# book table at Roma, 12 February 2026, 3 people\n"
            'book_table({"restaurant": "Roma", "date": "2026-02-12", "people": 3})',
        ),
        Example(
            'Are there jams in Leeds?\n\nDone so far:\nResult of get_traffic({"city": "Leeds"}): {"delay_minutes": 40}',
            "none",
        ),
        Example("Dzięki, to wszystko!", "none"),
    ),
)

LESSON: Final = Lesson(rules=RULES, none="none", chapters=(KITCHEN, TOWN))
"""For any family."""

QWEN: Final = msgspec.structs.replace(
    LESSON,
    biases=(
        # Calls that were not needed had less than this over "none" in nearly all of 120 cases, needed ones more.
        ("none", 1.2),
        # The end of the arguments: it wins where the grammar lets it, so against optional arguments that were guessed.
        ('"})', 1.5),
        ("})", 1.5),
        # The same before a further call, less liked than the end of all.
        ('"})\n', 0.75),
        ("})\n", 0.75),
    ),
)
"""For Qwen2.5, with its tokens."""
