"""What a report is asked to be about."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from tracker.core.canonical import canonical_json, sha256_hex
from tracker.core.periods import Period
from tracker.core.vocabulary import Word

FORMAT = 1

Content = dict[str, Any]
"""A report's every figure, basis and purchase as plain values: what is frozen."""


class ReportKind(Word):
    """보고서 종류."""

    ANNUAL = "annual", "연간 실적보고서"
    SCHEME = "scheme", "제도별 실적보고서"
    DEPARTMENT = "department", "부서별 확인서"
    PERIOD = "period", "평가기간 보고서"
    ENTERPRISE = "enterprise", "기업별 거래내역서"
    BRIEF = "brief", "1쪽 보고"
    DISTRICTS = "districts", "기관별 비교"


class ReportScope(Word):
    """보고 범위: the body's own duty, or with its corporations and funded institutes."""

    STATUTORY = "statutory", "법정(본청·소속기관)"
    EVALUATION = "evaluation", "평가(출자·출연기관 포함)"


class OneOff(NamedTuple):
    """일회성 구매: purchases, or 통계목 by their beginnings, without which a rate is told too."""

    name: str
    purchases: tuple[int, ...] = ()
    items: tuple[str, ...] = ()


def parse_one_off(text: str) -> OneOff:
    """Return a one-off item written as `백신=#12, #13, 307-05`: purchases by number, the rest 통계목.

    ValueError without a name, or without anything named.
    """
    name, _, told = text.partition("=")
    parts = [part.strip() for part in told.split(",") if part.strip()]
    numbers = [part.removeprefix("#") for part in parts if part.startswith("#")]
    if not name.strip() or not parts or not all(re.fullmatch("[0-9]{1,9}", number) for number in numbers):
        raise ValueError(text)
    items = tuple(part for part in parts if not part.startswith("#"))
    return OneOff(name.strip(), tuple(map(int, numbers)), items)


@dataclass(frozen=True, kw_only=True)
class ReportRequest:
    """What a report is about; with `period` the year is a label only."""

    year: int
    kind: ReportKind = ReportKind.ANNUAL
    period: Period | None = None
    scope: ReportScope = ReportScope.STATUTORY
    department_id: int | None = None
    scheme: str | None = None
    enterprise_id: int | None = None
    one_offs: tuple[OneOff, ...] = ()


class RefusedRequest(ValueError):
    """The report cannot be made so; the argument names the attribute of ReportRequest that is the reason."""


class IncompleteRequest(RefusedRequest):
    """A report of this kind needs what its argument names, an attribute of ReportRequest."""


class SuperfluousRequest(RefusedRequest):
    """A report of this kind is not about what its argument names, an attribute of ReportRequest."""


class UnknownSubject(RefusedRequest):
    """There is no such scheme, enterprise, purchase or district; the argument names the attribute."""


class InconsistentReport(Exception):
    """The figures of a report do not add up: it must not be frozen."""


def plain_request(request: ReportRequest) -> Content:
    """Return what a report was asked to be about in plain values, to ask for the same again."""
    period = request.period
    return {
        "year": request.year,
        "kind": str(request.kind),
        "period": [period.start.isoformat(), period.end.isoformat()] if period else None,
        "scope": str(request.scope),
        "department_id": request.department_id,
        "scheme": request.scheme,
        "enterprise_id": request.enterprise_id,
        "one_offs": [[each.name, list(each.purchases), list(each.items)] for each in request.one_offs],
    }


def request_of(content: Content) -> ReportRequest:
    """Return what a frozen report was asked to be about; what older ones do not say is in their question."""
    asked = content["question"] | {"kind": content["kind"]} | content.get("request", {})
    days = asked["period"]
    return ReportRequest(
        year=asked["year"],
        kind=ReportKind(asked["kind"]),
        period=Period(*map(date.fromisoformat, days)) if days else None,
        scope=ReportScope(asked["scope"]),
        department_id=asked["department_id"],
        scheme=asked.get("scheme") or content.get("scheme", {}).get("code"),
        enterprise_id=asked.get("enterprise_id"),
        one_offs=tuple(
            OneOff(name, tuple(purchases), tuple(items))
            for name, purchases, items in asked.get("one_offs", ())
        ),
    )


def hash_request(request: ReportRequest) -> str:
    """Return the SHA-256 of what a report is asked to be about, alike for reports on the same."""
    return sha256_hex(canonical_json(plain_request(request)))
