"""`tracker bench`: that it compares what it says, not how fast anything is."""

import json

from click.testing import CliRunner

from tracker.operations.bench import BENCHMARKS, measure
from tracker.operations.commands import bench


def test_every_comparison_measures_both_sides_on_the_same_rows() -> None:
    outcomes = measure(tuple(BENCHMARKS), rows=40)

    assert [(each.name, each.rows) for each in outcomes] == [("import", 40), ("totals", 40)]
    for each in outcomes:
        assert each.ours.cpu > 0
        assert each.ratio == each.ours.cpu / each.rival.cpu


def test_the_command_prints_one_comparison_for_people_or_for_programs() -> None:
    runner = CliRunner()

    said = runner.invoke(bench, ["import", "--rows", "20"], catch_exceptions=False).output
    found = json.loads(runner.invoke(bench, ["totals", "--rows", "20", "--json"]).output)

    assert said.startswith("import, 20 rows: ")
    assert [line.split()[0] for line in said.splitlines()[1:]] == ["tracker", "pandas"]
    assert found["totals"]["rows"] == 20
    assert found["totals"]["ratio"] > 0


def test_an_unknown_comparison_is_refused() -> None:
    assert CliRunner().invoke(bench, ["everything"]).exit_code == 2
