"""What a report is asked to be about."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from tracker.core.periods import Period
from tracker.core.vocabulary import Word

FORMAT = 1

Content = dict[str, Any]
"""A report's every figure, basis and purchase as plain values: what is frozen."""


class ReportKind(Word):
    """보고서 종류."""

    ANNUAL = "annual", "연간 실적보고서"
    SCHEME = "scheme", "제도별 실적보고서"


class ReportScope(Word):
    """보고 범위: the body's own duty, or with its corporations and funded institutes."""

    STATUTORY = "statutory", "법정(본청·소속기관)"
    EVALUATION = "evaluation", "평가(출자·출연기관 포함)"


class OneOff(NamedTuple):
    """일회성 구매: purchases, or 통계목 by their beginnings, without which a rate is told too."""

    name: str
    purchases: tuple[int, ...] = ()
    items: tuple[str, ...] = ()


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


class IncompleteRequest(ValueError):
    """A report of this kind needs what its argument names, an attribute of ReportRequest."""


class SuperfluousRequest(ValueError):
    """A report of this kind is not about what its argument names, an attribute of ReportRequest."""


class UnknownSubject(ValueError):
    """There is no such scheme, enterprise, purchase or district; the argument names the attribute."""


class InconsistentReport(Exception):
    """The figures of a report do not add up: it must not be frozen."""
