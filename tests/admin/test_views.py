"""The page of administration leads each person to what is there and open to them."""

from collections.abc import Callable

import pytest

from tests.client import Browser
from tests.factories import make_institution
from tracker.core.vocabulary import Role


@pytest.mark.parametrize("role", Role)
def test_the_cards_lead_to_pages_that_open(as_user: Callable[..., Browser], role: Role) -> None:
    browser = as_user(role)
    page = browser.get("/admin").text
    links = page[page.index('<ul class="jobs">') :].split('href="')[1:]
    addresses = [link.split('"')[0] for link in links if link.startswith("/")]

    assert "/admin/departments" in addresses
    assert "/spending" in addresses
    assert ("/admin/users" in addresses) is (role is Role.ADMIN)
    assert all(browser.get(address).status_code == 200 for address in addresses)


@pytest.mark.parametrize("page", ["/admin", "/admin/departments", "/spending"])
def test_what_is_set_up_stands_below_administration(as_user: Callable[..., Browser], page: str) -> None:
    make_institution()

    assert '<a href="/admin" aria-current=page>' in as_user().get(page).text
