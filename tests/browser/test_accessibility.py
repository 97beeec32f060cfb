"""Every page of the route table holds up to axe, in both widths."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.addresses import places_of
from tests.browser.conftest import NARROW, WIDE, OpenPage
from tests.browser.server import District
from tracker.core.vocabulary import Role

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def places(district: District) -> list[str]:
    """Return the address of every page."""
    return [place.address for place in places_of(district.instance)]


# Who sees most of a page: accounts and trail are the admin's business, the rest the team's.
VIEWS = {Role.STAFF: "/", Role.ADMIN: "/admin/", Role.CLERK: "/purchases/new"}


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("role", VIEWS)
def test_no_page_has_violations_or_is_wider_than_the_screen(
    places: list[str],
    address: str,
    open_page: OpenPage,
    sign_in: Callable[[Page, Role], None],
    role: Role,
    viewport: dict[str, int],
) -> None:
    page = open_page(address, viewport)
    sign_in(page, role)
    found = []
    looked_at = 0
    for place in places:
        if not place.startswith(VIEWS[role]):
            continue
        answer = page.request.get(place)
        if answer.status != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        page.goto(place)
        looked_at += 1
        found += [
            f"{place}: {violation['id']} {violation['nodes'][0]['html'][:200]}"
            for violation in Axe().run(page).response["violations"]
        ]
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > viewport["width"]:
            found.append(f"{place}: {width} px wide")

    assert looked_at
    assert not found, "\n".join(found)


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_pages_before_signing_in_have_no_violations(
    address: str, open_page: OpenPage, viewport: dict[str, int]
) -> None:
    page = open_page(address, viewport)
    page.goto("/login")

    assert not Axe().run(page).response["violations"]


def test_an_unlabelled_field_would_be_found(address: str, open_page: OpenPage) -> None:
    page = open_page(address)
    page.goto("/login")
    page.evaluate("document.querySelector('label').remove()")

    assert "label" in {violation["id"] for violation in Axe().run(page).response["violations"]}
