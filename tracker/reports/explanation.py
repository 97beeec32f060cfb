"""Why a year differs from the one before: suppliers come and gone, certifications, the largest items."""

from collections.abc import Callable, Collection, Iterable, Sequence
from fractions import Fraction

from tracker.core.certification import Certificate, valid_terms
from tracker.core.money import Won
from tracker.core.periods import Period
from tracker.core.rates import purchasing_rate, rate_text
from tracker.core.vocabulary import Kind
from tracker.enterprises.queries import certificates_of
from tracker.reports.figures import grouped, points_between, total_of
from tracker.reports.queries import sum_recorded
from tracker.reports.requests import Content, OneOff, UnknownSubject
from tracker.targets.queries import Rule
from tracker.totals.one_offs import weigh
from tracker.totals.questions import Question

SHOWN = 5


def explain(
    question: Question,
    lines: Sequence[Content],
    before: Sequence[Content] | None,
    types: Collection[str],
    kinds: Collection[Kind] = tuple(Kind),
) -> Content:
    """Return what moved between the purchases of both sides, which counted in one of these types."""
    then = before or ()
    return {
        "suppliers": _suppliers(lines, then) if before is not None else None,
        "certified": _certified(question, lines, then, types, kinds),
        "largest": _largest(lines),
        "largest_before": _largest(then),
    }


def find_explanation_faults(content: Content) -> Iterable[str]:
    """Yield what does not add up to the change of the total; a report of earlier days explains nothing."""
    total, suppliers = content["summary"]["total"], content.get("explained", {}).get("suppliers")
    if suppliers is None:
        return
    for side in ("current", "prior"):
        if sum(suppliers[group][side] for group in ("kept", "new", "lost")) != total[side]:
            yield f"explained.suppliers.{side}"


def without_one_offs(
    one_offs: Sequence[OneOff],
    fiscal_year: int,
    rule: Rule,
    department_ids: Collection[int],
    eligible: Won | None,
    spending: Won | None,
    prior: Fraction | None,
) -> Content | None:
    """Return 구매비율, `eligible` ÷ `spending`, without each of the one-off items and without all of them.

    `prior` is last year's, exact. None where no item is named; UnknownSubject for one that holds nothing.
    """
    if not one_offs:
        return None

    def told(name: str, purchases: Collection[int], items: Collection[str]) -> Content:
        weight = weigh(fiscal_year, rule, department_ids, purchases, items)
        if not (weight.eligible or weight.spent):
            raise UnknownSubject("one_offs")
        without = (
            None
            if eligible is None or spending is None
            else purchasing_rate(eligible - weight.eligible, spending - weight.spent)
        )
        return {
            "name": name,
            "eligible": weight.eligible,
            "spending": weight.spent,
            "rate": rate_text(without),
            "change": points_between(without, prior),
        }

    rows = [told(each.name, each.purchases, each.items) for each in one_offs]
    purchases = {number for each in one_offs for number in each.purchases}
    items = {item for each in one_offs for item in each.items}
    return {"rows": rows, "all": told(", ".join(each.name for each in one_offs), purchases, items)}


def _suppliers(lines: Sequence[Content], before: Sequence[Content]) -> Content:
    now, then = _by_enterprise(lines), _by_enterprise(before)
    groups = {
        "kept": now.keys() & then.keys(),
        "new": now.keys() - then.keys(),
        "lost": then.keys() - now.keys(),
    }
    told: Content = {}
    for group, keys in groups.items():
        current, prior = (sum(total_of(side[key]) for key in keys if key in side) for side in (now, then))
        told[group] = {
            "number": len(keys),
            "current": current,
            "prior": prior,
            "difference": current - prior,
        }
    return told | {
        "largest_new": _ranked(now, groups["new"]),
        "largest_lost": _ranked(then, groups["lost"]),
    }


def _certified(
    question: Question,
    lines: Sequence[Content],
    before: Sequence[Content],
    types: Collection[str],
    kinds: Collection[Kind],
) -> Content:
    """Return what is bought from suppliers newly certified, and from those no longer certified at the end."""
    now, then = _by_enterprise(lines), _by_enterprise(before)
    current, prior = question.current.shown, question.prior.shown
    held = certificates_of({int(key) for key in now.keys() | then.keys()})

    def having(holds: Callable[[list[Certificate]], bool]) -> set[str]:
        counting = {
            str(number): [each for each in certificates if each.type in types]
            for number, certificates in held.items()
        }
        return {key for key, certificates in counting.items() if holds(certificates)}

    last_day = Period(current.end, current.end)
    begun = having(lambda found: _held_in(found, current) and not _held_in(found, prior)) & now.keys()
    ended = having(lambda found: _held_in(found, prior) and not _held_in(found, last_day))
    counted = {key: total_of(now.get(key, ())) for key in ended}
    recorded = sum_recorded(question, {int(key) for key in ended}, kinds)
    return {
        "begun": {
            "number": len(begun),
            "current": sum(total_of(now[key]) for key in begun),
            "largest": _ranked(now, begun),
        },
        "ended": {
            "number": len(ended),
            "current": sum(counted.values()),
            "prior": sum(total_of(then.get(key, ())) for key in ended),
            "uncounted": sum(recorded.values()) - sum(counted.values()),
            "largest": _ranked(then, ended),
        },
    }


def _held_in(certificates: Iterable[Certificate], period: Period) -> bool:
    return any(
        term.start <= period.end and (term.end is None or term.end >= period.start)
        for each in certificates
        for term in valid_terms(each)
    )


def _by_enterprise(lines: Iterable[Content]) -> dict[str, list[Content]]:
    return dict(grouped("enterprise_key", lines))


def _ranked(side: dict[str, list[Content]], keys: Collection[str]) -> list[Content]:
    """Return the largest of these suppliers with what was bought from them."""
    found: list[tuple[Won, str, str]] = sorted(
        (-total_of(side[key]), side[key][0]["enterprise"], key) for key in keys if key in side
    )
    return [{"key": key, "label": label, "amount": -amount} for amount, label, key in found[:SHOWN]]


def _largest(lines: Sequence[Content]) -> list[Content]:
    found = sorted(lines, key=lambda line: (-line["amount"], line["day"], line["id"]))[:SHOWN]
    names = ("id", "day", "department", "enterprise", "item", "contract_name", "kind", "amount")
    return [{name: line[name] for name in names} for line in found]
