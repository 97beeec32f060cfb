"""Names and headings in the form in which they are compared."""

import unicodedata

import pytest

from tracker.core.names import county_of, normalise_heading, normalise_name


@pytest.mark.parametrize(
    "name",
    [
        "㈜늘봄",
        "(주)늘봄",
        "주식회사 늘봄",
        "늘봄 주식회사",
        "늘 봄\n(유)",
        "유한회사늘봄",
        "（주） 늘봄",
        "늘봄　사단법인",
    ],
)
def test_blanks_and_company_forms_do_not_tell_names_apart(name: str) -> None:
    assert normalise_name(name) == "늘봄"


def test_decomposed_and_upper_case_letters_are_the_same_name() -> None:
    assert normalise_name(unicodedata.normalize("NFD", "늘봄 ABC")) == "늘봄abc"


@pytest.mark.parametrize("name", ["늘봄사회적협동조합", "늘봄협동조합", "늘봄(경기)", "주식정보회사"])
def test_other_words_stay(name: str) -> None:
    assert normalise_name(name) == name


def test_a_name_that_is_only_a_company_form_does_not_become_empty() -> None:
    assert normalise_name(" 주식회사 ") == "주식회사"


@pytest.mark.parametrize(
    ("heading", "normal"),
    [
        ("금액(원)", "금액"),
        ("금 액\n(단위: 천원)", "금액"),
        ("총구매액 [단위：백만원]", "총구매액"),
        ("비율(%)", "비율"),
        ("계약(납품요구)일자", "계약납품요구일자"),
        ("금액(VAT 포함)", "금액vat포함"),
        ("사업자번호 (본점,지점)", "사업자번호본점,지점"),
        ("", ""),
    ],
)
def test_a_heading_is_read_without_blanks_brackets_and_unit(heading: str, normal: str) -> None:
    assert normalise_heading(heading) == normal


@pytest.mark.parametrize(
    ("address", "county"),
    [
        ("서울특별시 강남구 학동로 1", ("서울", "강남구")),
        ("서울시  강남구", ("서울", "강남구")),
        ("서울 강남구", ("서울", "강남구")),
        ("강원특별자치도 고성군 간성읍", ("강원", "고성군")),
        ("경상남도 고성군", ("경남", "고성군")),
        ("충청북도 청주시", ("충북", "청주시")),
        ("충남 천안시", ("충남", "천안시")),
        ("제주특별자치도 제주시", ("제주", "제주시")),
        ("광명시 하안동 37", None),
        ("서울역 앞", None),
        ("서울시", None),
        ("", None),
    ],
)
def test_the_county_of_an_address(address: str, county: tuple[str, str] | None) -> None:
    assert county_of(address) == county
