import subprocess
from pathlib import Path

import msgspec
import pytest
from benchmarks.fake_models import FakeModel
from benchmarks.measures import Scale

from benchmarks import conversation, cost, fake_models, load, measures, processes, report, requests, run

TINY = Scale(repeats=1, requests=4, streams=2, turns=12, starts=1)

told = pytest.mark.skipif(not cost.CPU_IS_TOLD, reason="this system does not tell the cost of another process")


@pytest.fixture(scope="module")
def measured() -> report.Report:
    """Every benchmark, as small as it gets."""
    return run.measure(TINY)


def test_every_figure_has_a_value(measured: report.Report) -> None:
    """Each measurement gives at least one figure, and where the system tells costs, none is missing."""
    assert len({row.group for row in measured.rows}) == 12
    if cost.CPU_IS_TOLD:
        assert [row.name for row in measured.rows if row.value is None or row.value < 0] == []


def test_nothing_fails_under_load(measured: report.Report) -> None:
    """Every answer under load is whole: as many tokens as the model said, and an end."""
    failures = [row for row in measured.rows if row.name.startswith("failures")]
    assert len(failures) == 8
    assert all(row.value == 0 and row.met for row in failures)


def test_figures_with_a_target_are_judged(measured: report.Report) -> None:
    """The targets stand beside the figures they are for."""
    judged = {row.unit for row in measured.rows if row.at_most is not None}
    assert judged == {"", "ms", "MiB", "s", "times", "%"}


def test_the_report_is_json(measured: report.Report) -> None:
    """What `--json` writes can be read again."""
    assert msgspec.json.decode(msgspec.json.encode(measured), type=report.Report).machine == measured.machine


def test_the_table_shows_every_figure(measured: report.Report, capsys: pytest.CaptureFixture[str]) -> None:
    """The table names every figure, and the verdict where there is a target."""
    report.show(measured)
    table = capsys.readouterr().out
    assert all(row.name in table for row in measured.rows)
    assert "met" in table


def test_a_figure_that_is_not_told_is_said_to_be_missing(capsys: pytest.CaptureFixture[str]) -> None:
    """Where the system tells no cost, the table says so and gives no verdict."""
    report.show(report.report([report.row("group", "CPU", "ms", [None], 2)], (0, 0, 0)))
    table = capsys.readouterr().out
    assert "not available" in table
    assert "met" not in table


def test_a_models_name_says_how_it_answers() -> None:
    """The name is all that the upstream knows; it survives a server between."""
    model = FakeModel(tokens=7, first_ms=20, between_ms=5)
    assert fake_models.named(model.name) == model
    assert model.due(0) == 0.02
    assert model.due(2) == 0.03


@pytest.mark.parametrize("stream", [True, False])
def test_the_upstream_answers_with_the_tokens_asked_for(tmp_path: Path, *, stream: bool) -> None:
    """The upstream by itself gives whole answers, in both forms."""
    model = FakeModel(tokens=40, first_ms=1)
    with processes.upstream(tmp_path) as (address, pid):
        target = requests.Target(f"{address}/chat/completions", {}, model.tokens, ["stop"])
        body = {"model": model.name, "stream": stream}
        outcome = processes.outcome(load.Plan(target=target, body=body, connections=2, requests=5, watched=pid))
    assert outcome.faults == []
    assert len(outcome.seconds) == len(outcome.first) == 5


def test_an_answer_that_is_cut_is_a_failure(tmp_path: Path) -> None:
    """Answers with fewer tokens than expected, and refusals, are counted as failures."""
    with processes.upstream(tmp_path) as (address, pid):
        target = requests.Target(f"{address}/chat/completions", {}, 9, [])
        short = load.Plan(target=target, body={"model": "fake-n8"}, connections=1, requests=2, watched=pid)
        refused = msgspec.structs.replace(short, body={"model": "fake-n0"})
        faults = [processes.outcome(plan).faults for plan in (short, refused)]
    assert [len(each) for each in faults] == [2, 2]
    assert "8 of 9 tokens" in faults[0][0]


def test_a_bad_turn_ends_a_conversation(tmp_path: Path) -> None:
    """A conversation is not measured on when one of its answers is not a good one."""
    with processes.upstream(tmp_path) as (address, pid):
        target = requests.Target(f"{address}/no-such-path", {}, 9, [])
        dialogue = conversation.Dialogue(target=target, body={"model": "fake-n9"}, turns=2, watched=pid)
        with pytest.raises(subprocess.CalledProcessError):
            processes.turns(dialogue)


def test_load_stays_on_this_machine() -> None:
    """An address that is not loopback is refused."""
    with pytest.raises(ValueError, match=r"127\.0\.0\.1"):
        requests._loopback("http://192.0.2.1:80/v1")


@told
def test_the_cost_of_a_process_grows_with_its_work(tmp_path: Path) -> None:
    """Processor time counts what a child process does, and memory is what it holds."""
    with processes.running(["-c", "print('up', flush=True)\nwhile True: pass"], tmp_path / "log") as process:
        processes.line_with(process, "up")
        first = cost.cpu_seconds([process.pid]) or 0.0
        while (cost.cpu_seconds([process.pid]) or 0.0) <= first:
            pass
        assert (cost.resident_mib(process.pid) or 0.0) > 1


def test_a_process_that_does_not_start_is_told_with_its_log(tmp_path: Path) -> None:
    """What it wrote to standard error is in the error."""
    log = tmp_path / "log"
    with (
        pytest.raises(RuntimeError, match="did not start") as raised,
        processes.running(["-c", "raise SystemExit('no room')"], log) as process,
    ):
        processes.line_with(process, "ready")
    assert "no room" in raised.value.__notes__[0]


def test_measurements_can_be_as_small_as_asked() -> None:
    """The quick scale is smaller than the full one in every way."""
    quick, full = msgspec.structs.astuple(measures.QUICK), msgspec.structs.astuple(measures.FULL)
    assert all(small < large for small, large in zip(quick, full, strict=True))
