"""Reading what a frozen report contains."""

import re
from collections.abc import Sequence
from typing import Any

from tracker.reports.requests import Content
from tracker.totals.questions import By

SUBJECT_IN_NAMES = "사회적경제기업제품_구매실적"


def file_name(content: Content, extension: str) -> str:
    """Return the report's name as a file, the way offices name theirs."""
    asked, basis = content["question"], content["basis"]
    parts = [
        f"{content['year']}년도",
        content["institution"],
        content["department"],
        SUBJECT_IN_NAMES,
        "-".join(day.replace("-", "") for day in asked["period"]) if asked["period"] else None,
        "잠정" if basis["is_provisional"] else None,
    ]
    # What no file system takes in a name, and blanks.
    name = "_".join(re.sub(r'[\s/\\:*?"<>|\x00-\x1f]+', "", part) for part in parts if part)
    return f"{name}.{extension}"


def name_characters(characters: str) -> str:
    """Return each character with its code point, for people who must find it."""
    return ", ".join(f"{each} (U+{ord(each):04X})" for each in characters)


def purchases_in_row(
    content: Content, by: str | None, key: str | None
) -> tuple[str, Sequence[dict[str, Any]]] | None:
    """Return the label of a row and the frozen purchases in it, those of the total without `by`.

    None when the report has no such row.
    """
    annex: list[dict[str, Any]] = content["annex"]
    if by is None:
        return "합계", annex
    row = next((row for row in content.get(f"by_{by}", ()) if row["key"] == key), None)
    return None if row is None else (row["label"], [line for line in annex if _stands_in(line, By(by), row)])


def _stands_in(line: dict[str, Any], by: By, row: Content) -> bool:
    if by is By.TYPE:
        return row["key"] in line["types"]
    if by is By.KIND:
        return bool(line["kind"] == row["label"])
    if by is By.MONTH:
        return bool(line["day"].startswith(row["key"]))
    return bool(line["department_key"] == row["key"])
