"""`tracker bench`: that it compares what it says, not how fast anything is."""

import json

import pytest
from click.testing import CliRunner

from tracker.operations.bench import BENCHMARKS
from tracker.operations.bench_report import find_chromium
from tracker.operations.commands import bench


@pytest.mark.long
def test_every_comparison_measures_both_sides_on_the_same_rows() -> None:
    found = json.loads(CliRunner().invoke(bench, ["--rows", "20", "--json"], catch_exceptions=False).output)

    assert set(found) == {*BENCHMARKS, *(["report-20"] if find_chromium() else [])}
    for told in found.values():
        assert told["rows"] == 20
        assert told["ratio"] > 0


def test_people_read_both_sides_of_a_comparison() -> None:
    said = CliRunner().invoke(bench, ["totals", "--rows", "20"], catch_exceptions=False).output

    assert said.startswith("totals, 20 rows: ")
    assert [line.split()[0] for line in said.splitlines()[1:]] == ["tracker", "pandas"]


@pytest.mark.long
def test_without_the_browser_printing_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    result = CliRunner().invoke(bench, ["report"], catch_exceptions=False)

    assert (result.exit_code, result.stdout) == (0, "")
    assert "Chromium" in result.stderr


def test_an_unknown_comparison_is_refused() -> None:
    assert CliRunner().invoke(bench, ["everything"]).exit_code == 2
