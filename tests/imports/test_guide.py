"""The user's guide tells every problem that can be found in a file, in the program's own words."""

import re

from flask import Flask

from tracker.config import ROOT
from tracker.imports.problems import KINDS, Severity

GUIDE = ROOT / "docs" / "guide.md"
PARAMETER = re.compile(r"%\((\w+)\)s")


def problem_table(app: Flask) -> str:
    """Return the table of problems as it stands in the guide: errors first."""
    kinds = sorted(KINDS.items(), key=lambda item: item[1].severity is Severity.WARNING)
    with app.test_request_context():
        lines = [
            f"| {'오류' if kind.severity is Severity.ERROR else '경고'} | `{code}` "
            f"| {PARAMETER.sub('○○', str(kind.message))} |"
            for code, kind in kinds
        ]
    return "\n".join(["| | 코드 | 뜻 |", "|---|---|---|", *lines])


def test_the_guide_has_every_problem_with_its_severity(app: Flask) -> None:
    told = re.search(r"<!-- problems -->\n(.*)\n<!-- /problems -->", GUIDE.read_text("utf-8"), re.DOTALL)

    assert told
    assert told[1] == problem_table(app)
