"""A real server and Debian's chromium, in Korean, at the two widths people work at."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright
from sqlalchemy import select

from tests.browser.server import District, build_district, serve
from tests.client import Person
from tests.conftest import build_test_app
from tracker.core.vocabulary import Role
from tracker.enterprises.models import Certification, CertificationEvent, Enterprise
from tracker.extensions import db

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--lang=ko",
]
WIDE, NARROW = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
PATIENCE_MS = 20_000


def fill_in_sign_in(page: Page, person: Person) -> None:
    """Sign in with the form, as a person does."""
    page.goto("/login")
    page.get_by_label("아이디").fill(person.login)
    page.get_by_label("비밀번호").fill(person.password)
    page.get_by_role("button", name="로그인").click()
    page.wait_for_url("**/")


OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return the browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    """Return the district, entered once; each test finds in it what others left."""
    return build_district(tmp_path_factory.mktemp("district") / "instance")


@pytest.fixture(scope="session")
def address(district: District) -> Iterator[str]:
    """Return the address of a server of the district."""
    with serve(district.instance) as address:
        yield address


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """Return a function that opens a window on a server: `open_page(address, viewport, **options)`."""
    contexts: list[BrowserContext] = []

    def open_(address: str, viewport: ViewportSize = WIDE, **options: bool) -> Page:
        context = chromium.new_context(base_url=address, viewport=viewport, locale="ko-KR", **options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        return context.new_page()

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture
def sign_in(district: District) -> Callable[[Page, Role], None]:
    """Return a function that signs in as a person of a role."""

    def sign_in_(page: Page, role: Role) -> None:
        fill_in_sign_in(page, district.people[role])

    return sign_in_


@pytest.fixture
def supplier(district: District) -> str:
    """Return the name of a social enterprise that is certified today."""
    with build_test_app(district.instance).app_context():
        name = db.session.scalars(
            select(Enterprise.name)
            .join(Certification, Certification.enterprise_id == Enterprise.id)
            .outerjoin(CertificationEvent, CertificationEvent.certification_id == Certification.id)
            .where(
                Certification.type == "social",
                Certification.valid_to.is_(None),
                Certification.valid_from < date(2020, 1, 1),
                CertificationEvent.id.is_(None),
            )
            .order_by(Enterprise.name)
        ).first()
        db.session.remove()
        db.engine.dispose()
    assert name
    return name
