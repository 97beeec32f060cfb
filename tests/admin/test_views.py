"""The page of administration leads each person to what is there and open to them."""

from collections.abc import Callable

import pytest

from tests.client import Browser
from tracker.core.vocabulary import Role


@pytest.mark.parametrize("role", Role)
def test_the_cards_lead_to_pages_that_open(as_user: Callable[..., Browser], role: Role) -> None:
    browser = as_user(role)
    page = browser.get("/admin").text
    links = page[page.index('<ul class="jobs">') :].split('href="')[1:]
    addresses = [link.split('"')[0] for link in links if link.startswith("/")]

    assert "/admin/departments" in addresses
    assert "/spending" in addresses
    assert all(browser.get(address).status_code == 200 for address in addresses)
