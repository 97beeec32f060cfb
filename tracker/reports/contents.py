"""Reading what a frozen report contains."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tracker.reports.requests import Content, ReportKind
from tracker.totals.questions import By

DISTRICT, YEAR = "district", "year"
# What the file of each kind is called; that of a scheme begins with its name.
NAMES = {
    ReportKind.ANNUAL: "사회적경제기업제품_구매실적",
    ReportKind.SCHEME: "구매실적",
    ReportKind.DEPARTMENT: "사회적경제기업제품_구매실적_확인서",
    ReportKind.PERIOD: "사회적경제기업제품_구매_및_지표_실적",
    ReportKind.ENTERPRISE: "거래내역_확인서",
    ReportKind.BRIEF: "사회적경제기업제품_구매실적_보고",
    ReportKind.DISTRICTS: "사회적경제기업제품_기관별_구매실적",
}


ANNEX = "별지"


def file_name(content: Content, extension: str, part: str = "") -> str:
    """Return the name of the report as a file, or of a part of it, the way offices name theirs."""
    asked, basis = content["question"], content["basis"]
    parts = [
        f"{content['year']}년도",
        content["institution"],
        content["department"],
        content.get("scheme", {}).get("name"),
        content.get("enterprise", {}).get("name"),
        NAMES[ReportKind(content["kind"])],
        "-".join(day.replace("-", "") for day in asked["period"]) if asked["period"] else None,
        "잠정" if basis["is_provisional"] else None,
        part,
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
    if row is None:
        return None
    bodies = {each["key"]: each["district"] for each in content["by_department"] if "district" in each}
    return row["label"], [line for line in annex if _stands_in(line, by, row, bodies)]


def _stands_in(line: Content, by: str, row: Content, bodies: Mapping[str, str]) -> bool:
    if by == DISTRICT:
        return bool(bodies[line["department_key"]] == row["key"])
    if by == YEAR:
        return bool(str(line["fiscal_year"]) == row["key"])
    if by == By.TYPE:
        return row["key"] in line["types"]
    if by == By.KIND:
        return bool(line["kind"] == row["label"])
    if by == By.MONTH:
        return bool(line["day"].startswith(row["key"]))
    return bool(line["department_key"] == row["key"])
