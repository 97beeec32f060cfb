"""Random ledgers made by the program's own services, and an independent reckoning of them with pandas."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from tests.factories import BY, make_department, make_draft, make_enterprise, make_institution
from tracker.core.vocabulary import (
    Affiliation,
    Basis,
    ContractMethod,
    Directness,
    Kind,
    Measure,
    Nature,
    PaymentKind,
)
from tracker.departments.services import add_department, reorganise
from tracker.purchases.drafts import PaymentDraft, PurchaseDraft
from tracker.purchases.services import correct_purchase, record_payment, record_purchase, reverse_purchase
from tracker.totals.questions import BY_DEPARTMENT, By, Question

SOCIAL = {"social", "preliminary", "village", "self_support", "social_coop", "coop"}
MERGED_ON = date(2024, 1, 1)
LEAP_DAY = date(2024, 2, 29)
Certified = tuple[str, date | None, date | None]
Figures = dict[str, tuple[int, int | None, int]]


@dataclass
class Ledger:
    """What was entered, as plain rows: `lines` has one for each purchase and one for each payment."""

    root: int
    bodies: dict[int, int]
    affiliations: dict[int, Affiliation]
    parents: dict[int, int | None]
    owners: dict[int, int]
    suppliers: dict[int, list[Certified]]
    drafts: dict[int, PurchaseDraft] = field(default_factory=dict)

    def lines(self) -> pd.DataFrame:
        """Return the lines that were not reversed."""
        rows: list[dict[str, Any]] = []
        for number, draft in self.drafts.items():
            facts = draft.facts
            held = {
                type_code
                for type_code, start, end in self.suppliers[facts.enterprise_id]
                if (start is None or start <= facts.purchased_on)
                and (end is None or facts.purchased_on <= end)
            }
            common = {
                "id": number,
                "department": facts.department_id,
                "body": self.bodies[facts.department_id],
                "affiliation": str(self.affiliations[facts.department_id]),
                "enterprise": str(facts.enterprise_id),
                "kind": str(facts.kind),
                "method": str(facts.method),
                "types": held,
                "social": bool(held & SOCIAL),
                "certified": bool(held),
                "counts": facts.directness is Directness.DIRECT and facts.nature is Nature.PURCHASE,
            }
            days = [("contract", facts.purchased_on, facts.fiscal_year, facts.amount)]
            days += [("payment", paid.paid_on, paid.fiscal_year, paid.amount) for paid in draft.payments]
            rows += [
                common | {"basis": basis, "day": pd.Timestamp(day), "year": fiscal_year, "amount": amount}
                for basis, day, fiscal_year, amount in days
            ]
        return pd.DataFrame(rows)

    def below(self, department_id: int) -> set[int]:
        """Return the department and all below it."""
        found = {department_id}
        while more := {each for each, parent in self.parents.items() if parent in found} - found:
            found |= more
        return found

    def row(self, department_id: int, question: Question) -> str:
        """Return the row of a department: its own, or by branch that of its ancestor just below the top."""
        tops = (question.department_id, self.root)
        parent = self.parents[department_id]
        if question.by is By.DEPARTMENT or department_id in tops or parent is None or parent in tops:
            return str(department_id)
        return self.row(parent, question)


def make_ledger(seed: int, size: int) -> Ledger:
    """Enter a random ledger: corrections, reversals, payments, other years' books, a merger, two bodies."""
    chance = random.Random(seed)
    root = make_institution()
    bureau = make_department("경제국")
    old = [make_department(name, parent_id=bureau) for name in ("일자리과", "기업지원과")]
    merged = make_department("일자리기업과", parent_id=bureau, valid_from=MERGED_ON)
    reorganise(old, [merged], MERGED_ON, BY)
    plain = [make_department("총무과"), make_department("공단", affiliation=Affiliation.AFFILIATED)]
    district = add_department("강남구", parent_id=root, by=BY, is_institution=True)
    below = add_department("총무과", parent_id=district, by=BY)
    parents: dict[int, int | None] = {root: None, bureau: root, district: root, below: district}
    parents |= dict.fromkeys((*old, merged), bureau) | dict.fromkeys(plain, root)
    ledger = Ledger(
        root=root,
        bodies={each: district if each in (district, below) else root for each in parents},
        affiliations={
            each: Affiliation.AFFILIATED if each == plain[1] else Affiliation.OWN for each in parents
        },
        parents=parents,
        owners=dict.fromkeys(old, merged),
        suppliers={},
    )
    for name, *certified in (
        ("가", ("social", date(2020, 1, 1), None)),
        ("나", ("social", date(2023, 6, 1), None), ("women_owned", date(2021, 1, 1), date(2024, 2, 28))),
        ("다", ("village", date(2022, 1, 1), LEAP_DAY), ("disabled_owned", date(2022, 5, 1), None)),
        ("라", ("women_owned", date(2022, 3, 1), date(2025, 2, 28))),
        ("마",),
    ):
        ledger.suppliers[make_enterprise(name, *certified)] = list(certified)
    for _ in range(size):
        _enter(ledger, chance, [*old, merged, *plain, below])
    return ledger


def _enter(ledger: Ledger, chance: random.Random, departments: list[int]) -> None:
    draft = _draft(ledger, chance, departments)
    number, version = record_purchase(draft, BY), 1
    if chance.random() < 0.2:
        payment = _payment(chance, draft.facts.purchased_on, draft.facts.amount // 3)
        record_payment(number, payment, version, BY)
        draft, version = replace(draft, payments=(*draft.payments, payment)), version + 1
    if chance.random() < 0.2:
        draft = _draft(ledger, chance, departments)
        correct_purchase(number, draft, version, "정정", BY)
        version += 1
    if chance.random() < 0.1:
        reverse_purchase(number, version, "취소", BY)
    else:
        ledger.drafts[number] = draft


def _draft(ledger: Ledger, chance: random.Random, departments: list[int]) -> PurchaseDraft:
    day = LEAP_DAY if chance.random() < 0.05 else date(2022, 11, 1) + timedelta(chance.randrange(850))
    department = chance.choice(departments)
    if ledger.bodies[department] != ledger.root:
        # The district began late: of its earlier years nothing is known.
        day = max(day, date(2024, 3, 1))
    amount = chance.choice((1, -1, 1, 1)) * chance.randrange(10 ** chance.randrange(3, 9))
    return make_draft(
        department,
        chance.choice(list(ledger.suppliers)),
        amount,
        day,
        fiscal_year=day.year + (chance.choice((-1, 1)) if chance.random() < 0.1 else 0),
        kind=chance.choice(list(Kind)),
        method=chance.choice(list(ContractMethod)),
        directness=Directness.INDIRECT if chance.random() < 0.1 else Directness.DIRECT,
        nature=chance.choice(list(Nature)) if chance.random() < 0.1 else Nature.PURCHASE,
        payments=tuple(_payment(chance, day, amount // 2) for _ in range(chance.randrange(4))),
    )


def _payment(chance: random.Random, day: date, amount: int) -> PaymentDraft:
    paid_on = day + timedelta(chance.randrange(90))
    return PaymentDraft(paid_on=paid_on, amount=amount, fiscal_year=paid_on.year, kind=PaymentKind.PROGRESS)


def reckon(ledger: Ledger, question: Question) -> tuple[Figures, tuple[int, int | None, int]]:
    """Return each row's and the total's current amount, prior amount and count; prior None without data."""
    lines = ledger.lines()
    asked = ledger.below(question.department_id or ledger.root)
    if question.affiliation:
        asked = {each for each in asked if ledger.affiliations[each] is question.affiliation}
    earlier, later = (_select(lines, question, is_prior) for is_prior in (True, False))
    span = earlier.attrs["day range"]
    happened = span[0] < pd.Timestamp(MERGED_ON) <= later.attrs["day range"][1]
    owner: Callable[[int], int] = lambda each: (  # noqa: E731
        ledger.owners.get(each, each) if happened and each != question.department_id else each
    )
    earlier = earlier.assign(department=earlier["department"].map(owner))
    earlier, later = (frame[frame["department"].isin(asked)] for frame in (earlier, later))
    scope = {each for each in ledger.bodies if owner(each) in asked}
    known = {
        body
        for body, years, day in lines[["body", "year", "day"]].itertuples(index=False)
        if years in span[2] or (question.period and _month(span[0]) <= _month(day) <= _month(span[1]))
    }
    is_known = any(ledger.bodies[each] in known for each in scope)
    figures: Figures = {}
    later, earlier = (
        frame.assign(branch=frame["department"].map(lambda each: ledger.row(each, question)))
        for frame in (later, earlier)
    )
    now, before = _grouped(later, question, 0), _grouped(earlier, question, question.years_between)
    for key in {*now.index, *before.index}:
        row_known = is_known
        if question.by in BY_DEPARTMENT:
            row_known = any(
                ledger.bodies[each] in known for each in scope if ledger.row(owner(each), question) == key
            )
        figures[key] = (
            int(now["sum"].get(key, 0)),
            int(before["sum"].get(key, 0)) if row_known else None,
            int(now["count"].get(key, 0)),
        )
    total = (
        int(later["amount"].sum()),
        int(earlier["amount"].sum()) if is_known else None,
        len(later),
    )
    return figures, total


def _select(lines: pd.DataFrame, question: Question, is_prior: bool) -> pd.DataFrame:
    years = question.year - (question.against or question.year - 1) if is_prior else 0
    back: Callable[[date], pd.Timestamp] = lambda day: pd.Timestamp(day) - pd.DateOffset(years=years)  # noqa: E731
    fiscal_year = question.year - years
    chosen = lines["basis"] == ("payment" if question.basis is Basis.PAYMENT else "contract")
    if question.period:
        start, end = back(question.period.start), back(question.period.end)
        if question.period.is_whole_months:
            end += pd.offsets.MonthEnd(0)
        chosen &= (lines["day"] >= start) & (lines["day"] <= end)
        touched = range(start.year, end.year + 1)
    else:
        start, end = pd.Timestamp(fiscal_year, 1, 1), pd.Timestamp(fiscal_year, 12, 31)
        chosen &= lines["year"] == fiscal_year
        if question.same_period:
            end = back(question.same_period)
            chosen &= lines["day"] <= end
        touched = range(fiscal_year, fiscal_year + 1)
    if question.of is not Measure.ALL:
        chosen &= lines[str(question.of)] & lines["counts"]
    if question.type:
        chosen &= lines["types"].map(lambda held: question.type in held).astype(bool)
    found = lines[chosen].copy()
    found.attrs["day range"] = (start, end, touched)
    return found


def _grouped(lines: pd.DataFrame, question: Question, years: int) -> pd.DataFrame:
    if question.by is By.TYPE:
        lines = lines.assign(row=lines["types"].map(sorted)).explode("row").dropna(subset="row")
    elif question.by is By.MONTH:
        lines = lines.assign(row=(lines["day"] + pd.DateOffset(years=years)).dt.strftime("%Y-%m"))
    else:
        lines = lines.assign(row=lines[str(question.by)].astype(str))
    return lines.groupby("row")["amount"].agg(["sum", "count"])


def _month(day: pd.Timestamp) -> int:
    return int(day.year * 100 + day.month)
