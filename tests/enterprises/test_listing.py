"""Enterprises and products are found by what is asked of them, page by page, and none twice."""

import random
from datetime import date, timedelta

import pytest

from tests.factories import BY, make_department, make_enterprise, make_purchase
from tracker.core.certification import Standing, standing_on, valid_terms
from tracker.core.vocabulary import CertificationEventKind
from tracker.enterprises.catalogue import (
    ProductFilter,
    ProductSort,
    count_products,
    count_sellers_without_product,
    list_products_of_all,
)
from tracker.enterprises.listing import PAGE, Filter, Sort, count_enterprises, list_enterprises
from tracker.enterprises.queries import certificates_of, list_certifications, states_of, type_states_of
from tracker.enterprises.services import ProductDraft, add_product, record_status
from tracker.extensions import transaction
from tracker.purchases.by_enterprise import amounts_by_enterprise

FIRST = date(2024, 1, 1)
OPEN = ("social", date(2020, 1, 1), None)


def names(wanted: Filter, sort: Sort = Sort.NAME, year: int = 2026) -> list[str]:
    """Return the names that the first page shows."""
    rows, _ = list_enterprises(wanted, sort, amounts_by_enterprise(year))
    return [row.name for row in rows]


def walk(wanted: Filter, sort: Sort) -> list[int]:
    """Return the numbers on all pages, following them."""
    found: list[int] = []
    after, has_more = None, True
    while has_more:
        rows, has_more = list_enterprises(wanted, sort, amounts_by_enterprise(2026), after)
        found += [row.id for row in rows]
        after = rows[-1].id
    return found


def some_day(chance: random.Random) -> date:
    """Return one of few days, so that events, starts and ends often fall together."""
    return FIRST + timedelta(days=chance.randrange(8))


@pytest.mark.long
@pytest.mark.usefixtures("any_app")
def test_the_database_and_the_core_agree_on_who_is_certified() -> None:
    chance = random.Random(7)
    enterprises = []
    for serial in range(60):
        start = None if chance.random() < 0.1 else some_day(chance)
        end = None if chance.random() < 0.4 or not start else start + timedelta(days=chance.randrange(6))
        enterprises.append(make_enterprise(f"기업{serial}", ("social", start, end)))
        [certificate] = certificates_of(enterprises[-1:])[enterprises[-1]]
        for _ in range(chance.randrange(5)):
            assert certificate.id
            kind = chance.choice(list(CertificationEventKind))
            record_status(certificate.id, kind, some_day(chance), None, BY)
    certificates = {key: value[0] for key, value in certificates_of(enterprises).items()}

    for day in (FIRST + timedelta(days=offset) for offset in range(-1, 15)):
        valid = {key for key, each in certificates.items() if standing_on(each, day) is Standing.VALID}
        assert set(walk(Filter(valid_on=day), Sort.NAME) if valid else ()) == valid
        assert count_enterprises(Filter(valid_on=day)) == len(valid)
        for key, each in certificates.items():
            terms = valid_terms(each)
            assert (key in valid) == any(
                term.start <= day and (not term.end or day <= term.end) for term in terms
            )


@pytest.mark.usefixtures("any_app")
def test_enterprises_are_found_by_name_number_product_type_and_region() -> None:
    paper = make_enterprise("(주)두레 사무", OPEN, number="1234567891", address="관악구 봉천로 1")
    make_enterprise(
        "온정도시락", ("village", date(2020, 1, 1), date(2021, 12, 31)), items="행사 도시락, 다과"
    )
    make_enterprise("50%_나눔", address="구로구")
    add_product(paper, ProductDraft(name="복사 용지 A4"), BY)

    assert names(Filter(text="주식회사 두레사무")) == ["(주)두레 사무"]
    assert names(Filter(text="123-45")) == ["(주)두레 사무"]
    assert names(Filter(text="0%_나")) == ["50%_나눔"]
    assert names(Filter(text="%")) == ["50%_나눔"]
    assert names(Filter(product="복사용지 a4")) == ["(주)두레 사무"]
    assert names(Filter(product="행사도시락")) == ["온정도시락"]
    assert names(Filter(type="village")) == ["온정도시락"]
    assert names(Filter(type="village", valid_on=date(2021, 12, 31))) == ["온정도시락"]
    assert names(Filter(type="village", valid_on=date(2022, 1, 1))) == []
    assert names(Filter(region="관악구봉천")) == ["(주)두레 사무"]
    assert names(Filter()) == ["50%_나눔", "(주)두레 사무", "온정도시락"]


@pytest.mark.usefixtures("any_app")
def test_enterprises_stand_in_the_order_asked_for() -> None:
    early = make_enterprise("가", OPEN, ("women_owned", date(2025, 1, 1), date(2027, 12, 31)))
    late = make_enterprise("나", ("social", date(2024, 1, 1), None))
    plain, department = make_enterprise("다"), make_department()
    make_purchase(department, plain, 5_000)
    make_purchase(department, late, 7_000)
    make_purchase(department, early, 9_000, date(2025, 3, 2))

    assert names(Filter(), Sort.CERTIFIED) == ["가", "나", "다"]
    assert names(Filter(type="social"), Sort.CERTIFIED) == ["나", "가"]
    assert names(Filter(), Sort.BOUGHT) == ["나", "다", "가"]


@pytest.mark.usefixtures("any_app")
def test_pages_show_every_enterprise_once() -> None:
    department = make_department()
    made = []
    with transaction():
        for serial in range(2 * PAGE + 5):
            made.append(make_enterprise(f"기업{serial % 30}", *([OPEN] if serial % 2 else []), number=None))
            if serial % 10 == 0:
                make_purchase(department, made[-1], 1_000 * serial)

    for sort in Sort:
        assert sorted(walk(Filter(), sort)) == made


@pytest.mark.usefixtures("app")
def test_behind_an_enterprise_that_is_not_there_stands_nothing() -> None:
    make_enterprise("가")

    assert list_enterprises(Filter(), Sort.NAME, amounts_by_enterprise(2026), 99) == ([], False)


@pytest.mark.usefixtures("app")
def test_each_type_is_told_with_its_state_on_the_day() -> None:
    both = make_enterprise("가", ("women_owned", date(2020, 1, 1), date(2022, 12, 31)), OPEN)
    plain = make_enterprise("나")

    states = type_states_of([both, plain], date(2026, 1, 1))

    assert [(state.name, str(state.reason)) for state in states[both]] == [
        ("사회적기업", "certified"),
        ("여성기업", "expired"),
    ]
    assert states[plain] == []
    assert states_of(list_certifications(both), date(2026, 1, 1)) == states[both]


@pytest.mark.usefixtures("any_app")
def test_products_are_found_by_name_code_price_seller_and_certification() -> None:
    certified = make_enterprise("두레", OPEN, address="관악구")
    lapsed = make_enterprise("늘품", ("social", date(2020, 1, 1), date(2021, 1, 1)), address="구로구")
    for seller, name, code, price in (
        (certified, "복사 용지", "44120000", 24_000),
        (lapsed, "복사용지", "44120000", 20_000),
        (certified, "토너", "44103100", None),
    ):
        add_product(seller, ProductDraft(name=name, category_code=code, unit_price=price), BY)
    make_enterprise("한마음", OPEN, items="복사 용지, 문구")

    def found(sort: ProductSort = ProductSort.NAME, **wanted: object) -> list[tuple[str, str]]:
        asked = ProductFilter(**wanted)  # type: ignore[arg-type]
        rows, _ = list_products_of_all(asked, sort)
        assert count_products(asked) == len(rows)
        return [(row.enterprise, row.name) for row in rows]

    today = date(2026, 1, 1)
    assert found(text="복사용지", valid_on=today) == [("두레", "복사 용지")]
    assert found(text="복사용지", valid_on=date(2020, 6, 1)) == [("두레", "복사 용지"), ("늘품", "복사용지")]
    assert found(text="4412") == [("두레", "복사 용지"), ("늘품", "복사용지")]
    assert found(text="120000") == []
    assert found(max_price=20_000) == [("늘품", "복사용지")]
    assert found(region="관악") == [("두레", "복사 용지"), ("두레", "토너")]
    assert found(type="village") == []
    assert found(enterprise_id=lapsed) == [("늘품", "복사용지")]
    assert found(ProductSort.PRICE) == [("늘품", "복사용지"), ("두레", "복사 용지"), ("두레", "토너")]
    assert count_sellers_without_product(ProductFilter(text="복사용지", valid_on=today)) == 1
    assert count_sellers_without_product(ProductFilter(text="복사용지", region="구로")) == 0
    assert count_sellers_without_product(ProductFilter()) == 0


@pytest.mark.usefixtures("any_app")
def test_pages_show_every_product_once() -> None:
    seller = make_enterprise("두레", OPEN)
    with transaction():
        for serial in range(PAGE + 5):
            price = None if serial % 7 == 0 else 1_000 * (serial % 5)
            add_product(seller, ProductDraft(name=f"품목{serial % 9}", unit_price=price), BY)

    for sort in ProductSort:
        first, has_more = list_products_of_all(ProductFilter(), sort)
        rest, has_further = list_products_of_all(ProductFilter(), sort, first[-1].id)
        assert (has_more, has_further) == (True, False)
        assert len({row.id for row in (*first, *rest)}) == PAGE + 5
    assert list_products_of_all(ProductFilter(), ProductSort.NAME, 999) == ([], False)
