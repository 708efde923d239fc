"""What was measured, with the targets beside: as a table and as JSON."""

import os
import platform
import statistics
from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.table import Table


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One figure."""

    group: str
    """What was measured."""
    name: str
    unit: str
    value: float | None
    """The median of the samples; None where this system does not tell."""
    samples: Sequence[float] = ()
    at_most: float | None = None
    """The target."""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without a target or a value."""
        return None if self.value is None or self.at_most is None else self.value <= self.at_most


class Report(msgspec.Struct, frozen=True):
    """One run."""

    machine: str
    load: tuple[float, float, float]
    """The machine's load averages when the run began."""
    rows: Sequence[Row]


def row(group: str, name: str, unit: str, samples: Sequence[float | None], at_most: float | None = None) -> Row:
    """A row from repeated measurements."""
    known = [sample for sample in samples if sample is not None]
    value = statistics.median(known) if known else None
    return Row(group=group, name=name, unit=unit, value=value, samples=known, at_most=at_most)


def report(rows: Sequence[Row], load: tuple[float, float, float]) -> Report:
    """The rows, and where they were measured."""
    machine = (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    )
    return Report(machine, load, rows)


def show(report: Report) -> None:
    """Print the table."""
    table = Table(title=f"{report.machine}; load {report.load[0]:.1f}", title_justify="left")
    table.add_column("")
    table.add_column("figure")
    for name in ("median", "lowest", "highest", "target", ""):
        table.add_column(name, justify="right")
    group = ""
    for each in report.rows:
        table.add_row(each.group if each.group != group else "", *_cells(each), end_section=False)
        group = each.group
    Console(width=None if Console().is_terminal else 140).print(table)


def _cells(row: Row) -> list[str]:
    lowest, highest = (_number(end(row.samples)) if len(row.samples) > 1 else "" for end in (min, max))
    value = "not available" if row.value is None else f"{_number(row.value)} {row.unit}"
    target = "" if row.at_most is None else f"<= {_number(row.at_most)}"
    verdict = {True: "[green]met", False: "[red]missed", None: ""}[row.met]
    return [row.name, value, lowest, highest, target, verdict]


def _number(value: float) -> str:
    return f"{value:.0f}" if value == round(value) or abs(value) >= 100 else f"{value:.2f}"
