"""Every code of a problem has its severity and its words."""

import ast
from pathlib import Path

import pytest
from flask import Flask

import tracker.imports
from tracker.imports import reading
from tracker.imports.problems import KINDS, UNREADABLE, Problem, Severity, explain_unreadable
from tracker.imports.reading import UnreadableFile

ROOM = Path(tracker.imports.__file__).parent
MINOR_CELLS = {"quantity_unreadable", "quantity_too_large"}  # said as cell_ignored


def words_passed_to(names: set[str], *files: Path) -> set[str]:
    """Return the code words that these files pass to calls of these names."""
    return {
        argument.value
        for file in files
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and (call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", ""))
        in names
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and "_" in argument.value
    }


def test_every_fault_of_a_cell_is_in_the_table() -> None:
    used = words_passed_to({"CellError", "_parse_number"}, ROOM / "cells.py", ROOM / "columns.py")

    assert used - MINOR_CELLS <= KINDS.keys()


def test_every_fault_of_a_file_is_in_the_table() -> None:
    used = words_passed_to({"UnreadableFile"}, *Path(reading.__file__).parent.glob("*.py"))

    assert used <= UNREADABLE.keys()


@pytest.mark.usefixtures("app")
def test_messages_say_won_with_commas_and_everything_else_as_it_is() -> None:
    problem = Problem(3, "금액", "9", "duplicate_likely", {"row": "1234", "amount": 1_000_000})

    assert problem.severity is Severity.WARNING
    assert "1234" in problem.message
    assert "1,000,000" in problem.message


def test_an_unreadable_file_is_explained_in_korean(app: Flask) -> None:  # noqa: ARG001
    assert "7" in explain_unreadable(UnreadableFile("destroyed_text", row=7, column=2))
