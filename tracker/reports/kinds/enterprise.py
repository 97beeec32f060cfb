"""The statement for a supplier (기업별 거래내역서): what was bought from it, and as what it counted."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from tracker.core.money import Won
from tracker.core.vocabulary import Kind, Measure
from tracker.departments.queries import list_departments
from tracker.enterprises.queries import find_enterprise, list_certifications, list_types
from tracker.purchases.by_enterprise import bought_from
from tracker.reports.figures import (
    basis_of,
    figure,
    find_common_faults,
    grouped,
    head_of,
    lines_of_report,
    total_of,
)
from tracker.reports.queries import certificates_on, trade_of
from tracker.reports.requests import Content, ReportRequest, UnknownSubject
from tracker.totals.queries import purchases_behind
from tracker.totals.questions import By, Question
from tracker.web.clock import korean_day

SUBJECT = "구매(거래) 내역 확인서"


def build(request: ReportRequest, frozen_at: datetime) -> Content:
    """Return the content of a statement: all purchases of the five latest fiscal years up to the year.

    UnknownSubject where there is no such enterprise. Nothing personal stands in it.
    """
    enterprise = find_enterprise(request.enterprise_id or 0)
    if enterprise is None:
        raise UnknownSubject("enterprise_id")
    years = [year for year in bought_from(enterprise.id).years if year <= request.year] or [request.year]
    question = Question(year=request.year, of=Measure.ALL)
    annex = _lines(enterprise.id, years)
    kinds = {kind.korean: str(kind) for kind in Kind}
    names = {row.code: row.name for row in list_types()}
    certifications = list_certifications(enterprise.id)
    total = figure("", "합계", annex, None)
    today = korean_day(frozen_at)
    return {
        **head_of(request, question, SUBJECT, list_departments()),
        "enterprise": {
            "id": enterprise.id,
            "name": enterprise.name,
            "business_number": enterprise.business_number,
        },
        "years": years,
        "basis": basis_of(request, question, annex, frozen_at, ())
        | {
            "from": date(years[0], 1, 1).isoformat(),
            "to": date(years[-1], 12, 31).isoformat(),
            "is_running": years[-1] == today.year,
            "excluded": [],
            "scope": "기관 전체",
        },
        "summary": {"total": total, "full_year": None, "counted": _counted(annex)},
        "by_year": [
            figure(str(year), f"{year}년", of_year, None) | {"counted": _counted(of_year)}
            for year in years
            for of_year in [[line for line in annex if line["fiscal_year"] == year]]
        ],
        "by_kind": [
            figure(kinds[label], label, of_kind, None)
            for label in kinds
            if (of_kind := [line for line in annex if line["kind"] == label])
        ],
        "by_department": _by_department(annex, years),
        "type_names": names,
        "certifications": [
            {
                "type": row.type_name,
                "subtype": row.subtype,
                "number": row.certificate.number,
                "authority": row.authority,
                "from": row.certificate.valid_from and row.certificate.valid_from.isoformat(),
                "to": row.certificate.valid_to and row.certificate.valid_to.isoformat(),
                "terms": [[term.start.isoformat(), term.end and term.end.isoformat()] for term in row.terms],
                "standing": str(row.standing_on(today)),
            }
            for row in certifications
        ],
        "annex": annex,
    }


def find_faults(content: Content) -> Iterable[str]:
    """Yield the name of every inner sum that does not hold, to the won."""
    yield from find_common_faults(content, ("by_year", "by_kind", "by_department"))
    for row in content["by_department"]:
        if sum(row["by_year"]) != row["current"]:
            yield f"by_department.{row['key']}"


def lines_today(content: Content) -> tuple[list[Content], Won | None]:
    """Return what stands in the ledger today of the same years."""
    return _lines(content["enterprise"]["id"], content["years"]), None


def _lines(enterprise_id: int, years: Sequence[int]) -> list[Content]:
    """Return every purchase from it with the certification that it counted by."""
    lines: list[Content] = []
    for year in years:
        found = purchases_behind(
            Question(year=year, of=Measure.ALL, by=By.ENTERPRISE), key=str(enterprise_id)
        )
        lines += [
            line | {"fiscal_year": year}
            for line in lines_of_report((str(each.department_id), each) for each in found)
        ]
    ids = {line["id"] for line in lines}
    held, trade = certificates_on(ids), trade_of(ids)
    return [
        line
        | {
            "certificates": held[line["id"]],
            "directness": trade[line["id"]].directness.korean,
            "nature": trade[line["id"]].nature.korean,
            "is_counted": trade[line["id"]].is_counted,
        }
        for line in lines
    ]


def _counted(lines: Iterable[Content]) -> Won:
    return total_of(line for line in lines if line["is_counted"])


def _by_department(lines: Sequence[Content], years: Sequence[int]) -> list[Content]:
    found = grouped("department_key", lines)
    return [
        figure(key, of_one[0]["department"], of_one, None)
        | {"by_year": [total_of(line for line in of_one if line["fiscal_year"] == year) for year in years]}
        for key, of_one in sorted(found.items(), key=lambda each: (each[1][0]["department"], each[0]))
    ]
