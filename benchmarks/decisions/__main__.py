"""Ask, fit, judge and print.

python -m benchmarks.decisions                 the default model; some minutes on a CPU
python -m benchmarks.decisions --model NAME    another one that is installed
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import typer

from benchmarks.decisions.asking import Asked, Cost, ask
from benchmarks.decisions.figures import Figures, Outcome, figures, fitted
from benchmarks.decisions.suite import suite
from interplay.engine.decisions.weights import averaged
from interplay.weights.places import models_folder
from interplay.weights.shelf import Shelf

_HEAD = f"{'':34}{'questions':>10}{'accuracy':>10}{'NLL':>8}{'ECE':>8}"


def main(model: Annotated[str | None, typer.Option(help="An installed model.")] = None) -> None:
    """Measure and print."""
    shelf = Shelf(models_folder())
    found = shelf.find(model) if model else shelf.default()
    if found is None:
        raise typer.BadParameter("there is no model; get one with: interplay models pull")
    asked, cost = asyncio.run(ask(found, suite()))
    print(f"{found.name}, temperature 1\n{_HEAD}")
    _show_orders(asked)
    _show_kinds(asked)
    _show_fit(asked)
    _show_cost(cost)


def _show_orders(asked: Sequence[Asked]) -> None:
    _line("always the commonest answer", _guessed(asked))
    _line("options forwards", figures([(each.forwards, each.labelled.truth) for each in asked]))
    _line("options backwards", figures([(each.backwards, each.labelled.truth) for each in asked]))
    _line("mean of both", figures(_outcomes(asked)))


def _show_kinds(asked: Sequence[Asked]) -> None:
    for kind in ("noul", "choice", "score"):
        for language in ("en", "pl"):
            part = [each for each in asked if (each.labelled.kind, each.labelled.language) == (kind, language)]
            _line(f"  {kind}, {language}", figures(_outcomes(part)))
            _line("    always the commonest answer", _guessed(part))


def _show_fit(asked: Sequence[Asked]) -> None:
    fitting, judging = ([each for each in asked if each.labelled.fitted is half] for half in (True, False))
    temperature = fitted(_outcomes(fitting))
    print(f"\ntemperature {temperature:g} fits the first half best; on the other half:")
    _line("before", figures(_outcomes(judging)))
    _line("after", figures(_outcomes(judging), temperature))
    print(f"(fitted on all: {fitted(_outcomes(asked)):g})")


def _show_cost(cost: Cost) -> None:
    print(
        f"\nseconds for the first question about a text {cost.first_seconds:.2f}, for a later one "
        f"{cost.later_seconds:.2f}; {cost.later_cached:.0%} of a later one's tokens were in the cache"
    )


def _outcomes(asked: Sequence[Asked]) -> list[Outcome]:
    return [(averaged(each.forwards, each.backwards), each.labelled.truth) for each in asked]


def _guessed(asked: Sequence[Asked]) -> Figures:
    """One who knows only how often each answer to each question is true, from these same questions."""
    truths = Counter((str(each.labelled.question), each.labelled.truth) for each in asked)
    best: Counter[str] = Counter()
    for (question, _), count in truths.items():
        best[question] = max(best[question], count)
    return Figures(len(asked), best.total() / len(asked), float("nan"), float("nan"))


def _line(name: str, said: Figures) -> None:
    numbers = f"{said.count:>10}{said.accuracy:>10.1%}{said.loss:>8.3f}{said.calibration_error:>8.3f}"
    print(f"{name:34}{numbers}")


if __name__ == "__main__":
    command = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    command.command()(main)
    command()
