"""지표: the institution's other figures of an evaluation period, entered by hand, each with its evidence."""

from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import select

from tracker.audit.acting import Acting
from tracker.audit.services import record_event
from tracker.core.money import fixed_text
from tracker.extensions import db, get_locked, transaction
from tracker.reports.models import Indicator


class StaleIndicator(Exception):
    """Somebody else changed the indicator since the form was opened."""


class UnknownIndicator(LookupError):
    """There is no such indicator."""


class IndicatorRow(NamedTuple):
    """An indicator of the period that ends in the year; an unknown value is None."""

    id: int
    year: int
    field: str
    name: str
    unit: str
    value: Decimal
    value_before: Decimal | None
    evidence: str
    version: int

    def growth(self, digits: int = 2) -> str | None:
        """Return the growth in percent, half-up; None where there is nothing to compare with."""
        if not self.value_before:
            return None
        before = Fraction(self.value_before)
        return fixed_text((Fraction(self.value) - before) / abs(before) * 100, digits)

    def plain(self) -> dict[str, object]:
        """Return it as plain values, with its growth."""
        return {
            "id": self.id,
            "field": self.field,
            "name": self.name,
            "unit": self.unit,
            "value": self.value,
            "value_before": self.value_before,
            "growth": self.growth(),
            "evidence": self.evidence,
        }


@dataclass(frozen=True, kw_only=True)
class IndicatorDraft:
    """An indicator as a person enters it."""

    year: int
    field: str
    name: str
    unit: str
    value: Decimal
    value_before: Decimal | None
    evidence: str


def list_indicators(year: int) -> list[IndicatorRow]:
    """Return the indicators of the period that ends in the year, those of one field together."""
    rows = db.session.scalars(
        select(Indicator).where(Indicator.year == year).order_by(Indicator.field, Indicator.id)
    )
    return [_row(row) for row in rows]


def list_indicator_years() -> list[int]:
    """Return the years that have indicators, the latest first."""
    return sorted(db.session.scalars(select(Indicator.year).distinct()), reverse=True)


def find_indicator(indicator_id: int) -> IndicatorRow | None:
    """Return one indicator."""
    row = db.session.get(Indicator, indicator_id)
    return _row(row) if row else None


def add_indicator(draft: IndicatorDraft, by: Acting) -> int:
    """Enter an indicator and return its number."""
    with transaction():
        row = Indicator(**asdict(draft))
        db.session.add(row)
        db.session.flush()
        record_event(by, "indicator.add", "indicator", row.id, {"after": asdict(draft)})
        return row.id


def change_indicator(indicator_id: int, draft: IndicatorDraft, version: int, by: Acting) -> None:
    """Change an indicator; StaleIndicator when it is not what the form showed."""
    with transaction():
        row = _get(indicator_id, version)
        before, after = _facts(row), asdict(draft)
        changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        for name, value in after.items():
            setattr(row, name, value)
        if changes:
            row.version += 1
            record_event(by, "indicator.change", "indicator", indicator_id, {"changes": changes})


def remove_indicator(indicator_id: int, version: int, by: Acting) -> None:
    """Strike out an indicator; the audit trail keeps what it said."""
    with transaction():
        row = _get(indicator_id, version)
        db.session.delete(row)
        record_event(by, "indicator.remove", "indicator", indicator_id, _facts(row))


def _get(indicator_id: int, version: int) -> Indicator:
    row = get_locked(Indicator, indicator_id)
    if row is None:
        raise UnknownIndicator(indicator_id)
    if row.version != version:
        raise StaleIndicator(indicator_id)
    return row


def _facts(row: Indicator) -> dict[str, object]:
    return {each.name: getattr(row, each.name) for each in fields(IndicatorDraft)}


def _row(row: Indicator) -> IndicatorRow:
    return IndicatorRow(*(getattr(row, name) for name in IndicatorRow._fields))
