"""Entering the made-up district: the same for the same seed and day, through the services that people use."""

import io
import random
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import func as sql
from sqlalchemy import select

from tracker.accounts.services import add_user
from tracker.audit.acting import SYSTEM_ID, Acting
from tracker.audit.models import AuditEvent
from tracker.core.business_number import has_valid_checksum
from tracker.core.money import format_won
from tracker.core.shares import split_by_largest_remainder
from tracker.core.vocabulary import (
    Affiliation,
    CertificationEventKind,
    ContractMethod,
    EvidenceKind,
    GoverningLaw,
    Kind,
    PaymentKind,
    Role,
    Tax,
)
from tracker.departments.services import add_department, reorganise
from tracker.enterprises.queries import list_types
from tracker.enterprises.services import (
    CertificationDraft,
    EnterpriseDraft,
    ProductDraft,
    add_product,
    certify,
    record_status,
    record_vulnerable_share,
    register_enterprise,
)
from tracker.evidence.files import received
from tracker.evidence.queries import list_evidence
from tracker.evidence.services import EvidenceDraft, add_evidence, replace_evidence
from tracker.extensions import db, transaction
from tracker.operations.demo import catalogue
from tracker.operations.demo.papers import make_pdf, make_picture
from tracker.purchases.drafts import Facts, PaymentDraft, PurchaseDraft
from tracker.purchases.models import Purchase
from tracker.purchases.services import correct_purchase, record_purchase, reverse_purchase
from tracker.spending.services import SpendingDraft, record_spending
from tracker.targets.queries import budgets_by_department, list_schemes
from tracker.targets.services import (
    PlanDraft,
    TargetDraft,
    copy_year,
    plan_purchases,
    record_budget,
    set_target,
    share_target,
)

YEARS = 3
ENTERPRISES = 120
PRODUCTS = 300
DEFAULT_PURCHASES = 6_000
YEARLY_GROWTH = 1.14
LARGEST_CONTRACT = 95_000_000
CORRECTED_SHARE, REVERSED_SHARE = 0.02, 0.01
CLERKS_PLACE = 3
WITH_EVIDENCE = 6


class NotEmpty(Exception):
    """The instance holds something already; the made-up district does not mix with real data."""


class Credentials(NamedTuple):
    """A sign-in of the demonstration; the password is random and must be changed."""

    login: str
    name: str
    password: str


class Offer(NamedTuple):
    """A product as the demonstration buys it."""

    enterprise_id: int
    name: str
    kind: Kind
    unit: str
    unit_price: int
    popularity: float


@dataclass(frozen=True)
class District:
    """What purchases choose from."""

    departments: dict[int, list[int]]
    offers: list[Offer]


def build_demo(purchases: int, seed: int, at: datetime, today: date) -> list[Credentials]:
    """Enter the district in one transaction and return its sign-ins; NotEmpty when anything is there."""
    by = Acting(SYSTEM_ID, at)
    with transaction():
        if db.session.scalar(select(sql.count()).select_from(AuditEvent)):
            raise NotEmpty
        rng = random.Random(seed)  # noqa: S311 - a made-up district needs no secret
        departments = _enter_departments(today, by)
        district = District(departments, _enter_enterprises(rng, today, by))
        _enter_purchases(district, purchases, seed, today, by)
        _enter_spending(district, seed, by)
        _enter_targets(district, seed, today, by)
        credentials = _enter_users(departments[today.year], by)
        # At last: files do not go away with what is rolled back.
        _enter_evidence(departments[today.year][CLERKS_PLACE], by)
        return credentials


def _enter_departments(today: date, by: Acting) -> dict[int, list[int]]:
    """Return the departments that buy, by year."""
    root = add_department(catalogue.INSTITUTION, parent_id=None, by=by, code="0000000")
    names = [(name, Affiliation.OWN) for name in (*catalogue.OFFICES, *catalogue.DISTRICT_OFFICES)]
    names += [(name, Affiliation.AFFILIATED) for name in catalogue.AFFILIATED]
    lasting = [
        add_department(
            name,
            parent_id=root,
            by=by,
            code=f"{3000 + position}",
            affiliation=affiliation,
            sort_order=position,
        )
        for position, (name, affiliation) in enumerate(names, start=1)
    ]
    start = date(today.year, 1, 1)
    before = [
        add_department(name, parent_id=root, by=by, code=f"{2900 + position}", sort_order=22)
        for position, name in enumerate(catalogue.MERGED)
    ]
    merged = add_department(
        catalogue.MERGED_INTO, parent_id=root, by=by, code="2950", valid_from=start, sort_order=22
    )
    reorganise(before, [merged], start, by)
    years = range(today.year - YEARS + 1, today.year + 1)
    return {year: [*lasting, *([merged] if year == today.year else before)] for year in years}


def _enter_enterprises(rng: random.Random, today: date, by: Acting) -> list[Offer]:
    usual_years = {row.code: row.usual_years for row in list_types()}
    types: list[str | None] = [code for code, count in catalogue.TYPE_COUNTS.items() for _ in range(count)]
    types += [None] * (ENTERPRISES - len(types))
    rng.shuffle(types)
    products_left = PRODUCTS
    offers: list[Offer] = []
    for serial, type_code in enumerate(types, start=1):
        line = catalogue.LINES[serial % len(catalogue.LINES)]
        place = catalogue.PLACES[serial // len(catalogue.LINES) % len(catalogue.PLACES)]
        word = line.words[serial // (2 * len(catalogue.LINES)) % len(line.words)]
        name = rng.choice(catalogue.FORMS).format(f"{place}{word}")
        enterprise_id = register_enterprise(
            EnterpriseDraft(
                name=name,
                business_number=_business_number(serial),
                address=f"{catalogue.INSTITUTION} {rng.choice(catalogue.STREETS)} {rng.randint(1, 220)}",
                items=", ".join(product for product, _, _ in line.products),
            ),
            by,
        )
        if type_code:
            _certify(rng, enterprise_id, type_code, usual_years[type_code], today, by)
            if type_code in {"social", "social_coop"} and rng.random() < 0.2:
                _certify(rng, enterprise_id, "women_owned", usual_years["women_owned"], today, by)
        count = min(products_left - (ENTERPRISES - serial), 2 + serial % 2)
        products_left -= count
        popularity = rng.paretovariate(1.3) * (1 if type_code else 0.4)
        for product, unit, price in line.products[:count]:
            unit_price = price * rng.randint(88, 118) // 100 // 10 * 10
            add_product(
                enterprise_id,
                ProductDraft(name=product, category_code=line.code, unit=unit, unit_price=unit_price),
                by,
            )
            offers.append(Offer(enterprise_id, product, line.kind, unit, unit_price, popularity))
    return offers


def _certify(
    rng: random.Random, enterprise_id: int, type_code: str, usual_years: int | None, today: date, by: Acting
) -> None:
    if usual_years:
        # Dated certificates end around the three years, so that some purchases fall outside.
        start = date(today.year - rng.randint(2, 5), rng.randint(1, 12), rng.randint(1, 28))
        end = start.replace(year=start.year + usual_years) - timedelta(days=1)
    else:
        start, end = date(today.year - rng.randint(3, 14), rng.randint(1, 12), rng.randint(1, 28)), None
    certification = certify(
        enterprise_id,
        CertificationDraft(
            type=type_code,
            number=f"제{start.year}-{rng.randint(1, 480):03d}호",
            authority=catalogue.AUTHORITIES[type_code],
            valid_from=start,
            valid_to=end,
        ),
        by,
    )
    if usual_years and rng.random() < 0.4:
        certify(
            enterprise_id,
            CertificationDraft(
                type=type_code,
                number=f"제{start.year + usual_years}-{rng.randint(1, 480):03d}호",
                authority=catalogue.AUTHORITIES[type_code],
                valid_from=start.replace(year=start.year + usual_years),
                valid_to=start.replace(year=start.year + 2 * usual_years) - timedelta(days=1),
            ),
            by,
        )
    if type_code == "social":
        if rng.random() < 0.12:
            kind = rng.choice((CertificationEventKind.RETURNED, CertificationEventKind.CANCELLED))
            ended = date(today.year - rng.randint(0, 1), rng.randint(2, 9), rng.randint(1, 28))
            record_status(certification, kind, ended, None, by)
        share = Decimal(rng.randint(2_800, 7_500)) / 10_000
        record_vulnerable_share(
            enterprise_id, share, "한국사회적기업진흥원", today - timedelta(days=rng.randint(5, 250)), by
        )


def _enter_purchases(district: District, purchases: int, seed: int, today: date, by: Acting) -> None:
    first_year = today.year - YEARS + 1
    growths = [YEARLY_GROWTH**position for position in range(YEARS)]
    # The current year is cut at today: the number asked for is that of what remains.
    elapsed = [1.0] * (YEARS - 1) + [today.timetuple().tm_yday / 365]
    whole = purchases / sum(growth * part for growth, part in zip(growths, elapsed, strict=True))
    counts = [round(whole * growth * part) for growth, part in zip(growths, elapsed, strict=True)]
    counts[0] += purchases - sum(counts)
    for position, count in enumerate(counts):
        year = first_year + position
        rng = random.Random(f"{seed}/{year}")  # noqa: S311
        last_day = min(date(year, 12, 31), today)
        departments = district.departments[year]
        weights = [rng.lognormvariate(0, 0.8) for _ in departments]
        for _ in range(2):
            weights[rng.randrange(len(weights))] = 0
        days = sorted(date(year, 1, 2) + timedelta(days=_day_of_year(rng, last_day)) for _ in range(count))
        for day in days:
            [offer] = rng.choices(district.offers, [offer.popularity for offer in district.offers])
            [department_id] = rng.choices(departments, weights)
            _enter_purchase(rng, department_id, offer, day, today, by)


def _day_of_year(rng: random.Random, last_day: date) -> int:
    """Return a day number; offices buy more towards the year's end."""
    return int((last_day - date(last_day.year, 1, 2)).days * rng.betavariate(1.5, 1.1))


def _enter_purchase(
    rng: random.Random, department_id: int, offer: Offer, day: date, today: date, by: Acting
) -> None:
    wanted = rng.lognormvariate(14.3, 1.05)
    quantity = max(1, min(round(wanted / offer.unit_price), LARGEST_CONTRACT // offer.unit_price))
    if offer.unit == "월":
        quantity = min(quantity, 13 - day.month)
    draft = _draft(rng, department_id, offer, quantity, day, today)
    act = Acting(by.actor_id, datetime.combine(min(day + timedelta(days=2), today), time(1), by.at.tzinfo))
    purchase_id = record_purchase(draft, act)
    chance = rng.random()
    if chance < CORRECTED_SHARE and draft.facts.contracted_on:
        changed = draft.facts.amount * rng.randint(85, 112) // 100 // 10 * 10
        corrected = replace(draft, facts=replace(draft.facts, amount=changed, amendment=1))
        correct_purchase(purchase_id, corrected, 1, "계약금액 변경", act)
    elif chance < CORRECTED_SHARE + REVERSED_SHARE:
        reverse_purchase(purchase_id, 1, "이중 입력", act)


def _draft(
    rng: random.Random, department_id: int, offer: Offer, quantity: int, day: date, today: date
) -> PurchaseDraft:
    amount = quantity * offer.unit_price
    is_small = amount < 1_000_000 and rng.random() < 0.6
    facts = Facts(
        department_id=department_id,
        enterprise_id=offer.enterprise_id,
        amount=amount,
        fiscal_year=day.year,
        purchased_on=day,
        contracted_on=None if is_small else day,
        item=offer.name,
        kind=offer.kind,
        contract_name=None if is_small else f"{day.year}년 {offer.name}",
        quantity=Decimal(quantity),
        unit=offer.unit,
        unit_price=offer.unit_price,
        tax=Tax.INCLUDED if rng.random() < 0.85 else Tax.EXEMPT,
        law=GoverningLaw.LOCAL,
        method=ContractMethod.NEGOTIATED,
        ground=None if is_small else "지방계약법 시행령 제25조제1항제5호",
        quotations=1 if amount <= 20_000_000 else 2,
        means="카드" if is_small else "계좌",
        budget_item=rng.choice(catalogue.BUDGET_ITEMS),
    )
    if is_small:
        payments = [PaymentDraft(paid_on=day, amount=amount, fiscal_year=day.year, kind=PaymentKind.WHOLE)]
    else:
        payments = _stages(rng, offer, quantity, amount, day)
    return PurchaseDraft(facts=facts, payments=tuple(p for p in payments if p.paid_on <= today))


def _stages(rng: random.Random, offer: Offer, quantity: int, amount: int, day: date) -> list[PaymentDraft]:
    if offer.unit == "월" and quantity > 1:
        parts = split_by_largest_remainder(amount, [1] * quantity)
        days = [day + timedelta(days=30 * number) for number in range(1, quantity + 1)]
        kinds = [PaymentKind.PROGRESS] * (quantity - 1) + [PaymentKind.COMPLETION]
    elif amount > 20_000_000:
        parts = split_by_largest_remainder(amount, [30, 40, 30])
        days = [day + timedelta(days=number) for number in (14, 60, 110)]
        kinds = [PaymentKind.ADVANCE, PaymentKind.PROGRESS, PaymentKind.COMPLETION]
    else:
        parts, days, kinds = [amount], [day + timedelta(days=rng.randint(7, 40))], [PaymentKind.COMPLETION]
    stages = [
        PaymentDraft(paid_on=paid_on, amount=part, fiscal_year=_books_of(paid_on, day.year), kind=kind)
        for part, paid_on, kind in zip(parts, days, kinds, strict=True)
    ]
    if amount > 2_000_000 and rng.random() < 0.01:
        last = stages[-1]
        stages.append(replace(last, amount=-(last.amount // 20), kind=PaymentKind.RETURN))
    return stages


def _books_of(paid_on: date, contract_year: int) -> int:
    """Return the fiscal year of a payment: until 20 January it may belong to the year that just ended."""
    return contract_year if paid_on <= date(contract_year + 1, 1, 20) else paid_on.year


def _enter_spending(district: District, seed: int, by: Acting) -> None:
    """Enter 총구매액, and 구매가능예산 somewhat above it."""
    drafts = []
    for year, departments in district.departments.items():
        rng = random.Random(f"{seed}/spending/{year}")  # noqa: S311
        for department_id in departments:
            size = rng.lognormvariate(20.6, 0.6)
            spent = 0
            for kind, share in ((Kind.GOODS, 0.28), (Kind.SERVICES, 0.42), (Kind.WORKS, 0.3)):
                amount = int(size * share * rng.uniform(0.6, 1.4)) // 1_000 * 1_000
                spent += amount
                items = catalogue.ITEMS_BY_KIND[kind]
                for item, part in zip(
                    items, split_by_largest_remainder(amount, [1] * len(items)), strict=True
                ):
                    drafts.append(
                        SpendingDraft(
                            department_id=department_id,
                            fiscal_year=year,
                            kind=kind,
                            budget_item=item,
                            amount=part,
                        )
                    )
            record_budget(department_id, year, spent * 11 // 10 // 1_000_000 * 1_000_000, "본예산", by)
    record_spending(drafts, by)


def _enter_targets(district: District, seed: int, today: date, by: Acting) -> None:
    """Carry the rules of schemes forward to this year; give each year its targets and its plan."""
    known = min(row.rule.fiscal_year for row in list_schemes(today.year))
    for year in range(known, today.year):
        copy_year(year, year + 1, by)
    for year, departments in district.departments.items():
        rng = random.Random(f"{seed}/plan/{year}")  # noqa: S311
        budgets = budgets_by_department(year)
        whole = sum(budgets.values()) * 8 // 100 // 1_000_000 * 1_000_000
        ground = "구매가능예산의 8%"
        set_target(
            TargetDraft(scheme="social_economy", fiscal_year=year, amount=whole, ground=ground), None, by
        )
        parts = split_by_largest_remainder(whole, [budgets[each] for each in departments])
        share_target("social_economy", year, dict(zip(departments, parts, strict=True)), ground, by)
        plan_purchases(
            [
                _planned(rng, department_id, year)
                for department_id in departments
                for _each in range(rng.randint(1, 4))
            ],
            by,
        )


def _planned(rng: random.Random, department_id: int, year: int) -> PlanDraft:
    kind, item, unit, price = rng.choice(catalogue.PLANNED)
    quantity = rng.randint(1, 40)
    return PlanDraft(
        fiscal_year=year,
        department_id=department_id,
        scheme=rng.choice(("social_enterprise", "social_enterprise", "social_coop", "self_support")),
        item=item,
        kind=kind,
        quantity=Decimal(quantity),
        unit=unit,
        planned_month=rng.randint(1, 12),
        amount=quantity * price,
    )


def _enter_evidence(clerks_department_id: int, by: Acting) -> None:
    """Keep papers with some of the last contracts, the clerk's first; one of them in two versions."""
    purchases = db.session.scalars(
        select(Purchase)
        .where(~Purchase.is_reversed, Purchase.contracted_on.is_not(None))
        .order_by(Purchase.department_id != clerks_department_id, Purchase.id.desc())
        .limit(WITH_EVIDENCE)
    ).all()
    for number, purchase in enumerate(purchases, 1):
        facts = (
            f"계약명: {purchase.contract_name}",
            f"상대자: {purchase.enterprise.name}",
            f"계약일: {purchase.contracted_on}",
            f"금액: {format_won(purchase.amount)}원",
        )
        for kind in (EvidenceKind.QUOTATION, EvidenceKind.CONTRACT, EvidenceKind.INSPECTION)[
            : 1 + number % 3
        ]:
            _keep(purchase.id, kind, "pdf", make_pdf(kind.korean, facts), by)
        if purchase.kind is Kind.GOODS:
            _keep(purchase.id, EvidenceKind.PHOTO, "png", make_picture(number * 3), by)
    if purchases:
        first = list_evidence(purchases[0].id)[0]
        draft = EvidenceDraft(first.kind, "직인이 있는 면으로 교체")
        again = make_pdf(first.kind.korean, ["직인 날인본"])
        with received([(first.file_name, io.BytesIO(again))]) as (file,):
            replace_evidence(first.evidence_id, draft, file, "직인이 흐려 다시 스캔", 1, by)


def _keep(purchase_id: int, kind: EvidenceKind, ending: str, content: bytes, by: Acting) -> None:
    with received([(f"{kind.korean}.{ending}", io.BytesIO(content))]) as files:
        add_evidence(purchase_id, EvidenceDraft(kind), files, by)


def _enter_users(departments: list[int], by: Acting) -> list[Credentials]:
    people = (
        ("team", "사회적경제팀 담당", Role.STAFF, departments[-1]),
        ("clerk", "부서 담당", Role.CLERK, departments[CLERKS_PLACE]),
        ("audit", "감사 담당", Role.AUDITOR, departments[0]),
        ("admin", "시스템 관리자", Role.ADMIN, None),
    )
    return [
        Credentials(login, name, add_user(login, name, role, department_id, by)[1])
        for login, name, role, department_id in people
    ]


def _business_number(serial: int) -> str:
    """Return a made-up number with a good checksum."""
    head = f"999{serial:06d}"
    return next(f"{head}{last}" for last in range(10) if has_valid_checksum(f"{head}{last}"))
