"""An answer as the JSON that the command and the API give, down to the purchases behind its figures."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator

from tracker.core.periods import Period
from tracker.totals.queries import Answer, PurchaseBehind, TotalRow, purchases_behind
from tracker.totals.questions import Side


class FigureNotExplained(Exception):
    """The purchases behind the figure of this label do not add up to it."""


def explain(found: Answer) -> Iterator[tuple[Side, PurchaseBehind]]:
    """Yield all lines of both sides; FigureNotExplained in the end should a figure not be their sum."""
    sums: Counter[tuple[Side, str]] = Counter()
    for side in Side:
        for line in purchases_behind(found.question, side=side):
            for key in ("", *line.keys):
                sums[side, key] += line.amount
            yield side, line
    for row in (found.total, *found.rows):
        figures = {Side.CURRENT: row.comparison.current, Side.PRIOR: row.comparison.prior or 0}
        for side, figure in figures.items():
            if sums[side, row.key] != figure:
                raise FigureNotExplained(row.label)


def write_json(
    found: Answer, digits: int, lines: Iterable[tuple[Side, PurchaseBehind]] | None = None
) -> Iterator[str]:
    """Yield one JSON object in pieces; the lines may be many, they are written as they are read."""
    values = json.dumps(_as_object(found, digits), ensure_ascii=False)
    if lines is None:
        yield values
        return
    yield values.removesuffix("}") + ', "purchases": ['
    separator = "\n"
    for side, line in lines:
        yield separator + json.dumps(_line(side, line), ensure_ascii=False)
        separator = ",\n"
    yield "]}"


def _as_object(found: Answer, digits: int) -> dict[str, object]:
    question = found.question
    return {
        "period": _days(found.period, question.year),
        "against": _days(found.against, question.prior_year),
        "by": question.by,
        "of": question.of,
        "basis": question.basis,
        "type": question.type,
        "department": question.department_id,
        "rows_overlap": found.rows_overlap,
        "rows": [_row(row, digits) for row in found.rows],
        "total": _row(found.total, digits),
    }


def _days(period: Period, year: int) -> dict[str, object]:
    return {"from": period.start.isoformat(), "to": period.end.isoformat(), "year": year}


def _row(row: TotalRow, digits: int) -> dict[str, object]:
    told = row.comparison
    without_data = [] if row.is_recorded else [Side.CURRENT]
    if told.prior is None:
        without_data.append(Side.PRIOR)
    values: dict[str, object] = {
        "key": row.key,
        "label": row.label,
        "current": told.current,
        "prior": told.prior,
        "difference": told.difference,
        "growth": told.growth_text(digits),
        "note": told.note,
        "count": row.count,
        "no_data": without_data,
    }
    if row.succession:
        kind, before, after = row.succession
        values["succession"] = {"kind": kind, "from": before, "into": after}
    return values


def _line(side: Side, line: PurchaseBehind) -> dict[str, object]:
    return {
        "id": line.id,
        "side": side,
        "rows": line.keys,
        "department": line.department,
        "enterprise": line.enterprise,
        "business_number": line.business_number,
        "contract_name": line.contract_name,
        "item": line.item,
        "kind": line.kind,
        "date": line.day.isoformat(),
        "amount": line.amount,
        "types": line.types,
        "reason": line.reason,
    }
