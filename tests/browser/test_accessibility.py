"""Every page of the route table holds up to axe, in both widths."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page, ViewportSize

from tests.browser.addresses import places_of
from tests.browser.conftest import NARROW, WIDE, OpenPage
from tests.browser.server import District
from tracker.core.vocabulary import Role

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def places(district: District) -> list[str]:
    """Return the address of every page."""
    return [place.address for place in places_of(district.instance)]


# Who sees most of a page: accounts are the admin's business, the rest the team's.
VIEWS = {Role.STAFF: "/", Role.ADMIN: "/admin/users", Role.CLERK: "/purchases/new"}
# The team's pages are shared out, so that several processes look at them.
WALKS = [(Role.STAFF, part) for part in range(4)] + [(Role.ADMIN, None), (Role.CLERK, None)]


@pytest.mark.parametrize(("role", "part"), WALKS)
def test_no_page_has_violations_or_is_wider_than_the_screen(
    places: list[str],
    address: str,
    open_page: OpenPage,
    sign_in: Callable[[Page, Role], None],
    role: Role,
    part: int | None,
) -> None:
    page = open_page(address, WIDE)
    sign_in(page, role)
    found = []
    looked_at = 0
    for place in places if part is None else places[part::4]:
        if not place.startswith(VIEWS[role]) or not _shows_page(page, place):
            continue
        looked_at += 1
        found += [f"{place}: {violation}" for violation in _violations(page)]
        for viewport in (NARROW, WIDE):
            page.set_viewport_size(viewport)
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > viewport["width"]:
                found.append(f"{place}: {width} px wide on {viewport['width']}")

    assert looked_at
    assert not found, "\n".join(found)


@pytest.mark.parametrize("place", ["/", "/purchases", "/purchases/new", "/totals"])
def test_a_narrow_page_has_no_violations(
    address: str, open_page: OpenPage, sign_in: Callable[[Page, Role], None], place: str
) -> None:
    page = open_page(address, NARROW)
    sign_in(page, Role.STAFF)
    page.goto(place)

    assert not _violations(page)


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_pages_before_signing_in_have_no_violations(
    address: str, open_page: OpenPage, viewport: ViewportSize
) -> None:
    page = open_page(address, viewport)
    page.goto("/login")

    assert not _violations(page)


def test_an_unlabelled_field_would_be_found(address: str, open_page: OpenPage) -> None:
    page = open_page(address)
    page.goto("/login")
    page.evaluate("document.querySelector('label').remove()")

    assert "label" in {violation["id"] for violation in Axe().run(page).response["violations"]}


def _shows_page(page: Page, place: str) -> bool:
    """Go there; return whether it is a page, not a file or a refusal."""
    try:
        answer = page.goto(place)
    except Error:  # A file is downloaded.
        return False
    return answer is not None and answer.status == 200 and "text/html" in answer.headers["content-type"]


def _violations(page: Page) -> list[str]:
    return [
        f"{violation['id']} {violation['nodes'][0]['html'][:200]}"
        for violation in Axe().run(page).response["violations"]
    ]
