"""Pictures of every page, in both widths, to be looked at: bin/screens [FOLDER]."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from tests.browser.addresses import Place, places_of
from tests.browser.conftest import ARGUMENTS, CHROMIUM, NARROW, WIDE, fill_in_sign_in
from tests.browser.server import District, build_district, serve
from tracker.core.vocabulary import Role

PURCHASES = 3_000
# Who sees most of a page: accounts are the admin's business, everything else the team's.
ADMIN_PAGES = ("/admin/users", "/admin/audit")


def take_pictures(folder: Path) -> None:
    """Fill the folder with pictures of all pages of a made-up district."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        district = build_district(Path(scratch) / "instance", PURCHASES)
        places = places_of(district.instance)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with serve(district.instance) as address:
            for viewport in (WIDE, NARROW):
                _picture_all(browser, address, district, places, viewport, folder)
        browser.close()


def _picture_all(
    browser: Browser,
    address: str,
    district: District,
    places: list[Place],
    viewport: ViewportSize,
    folder: Path,
) -> None:
    pages = {}
    for role in (Role.STAFF, Role.ADMIN):
        pages[role] = browser.new_context(base_url=address, viewport=viewport, locale="ko-KR").new_page()
        if role is Role.STAFF:
            pages[role].goto("/login")
            pages[role].screenshot(path=folder / f"accounts.sign_in-{viewport['width']}.png", full_page=True)
        fill_in_sign_in(pages[role], district.people[role])
    for endpoint, place in places:
        page = pages[Role.ADMIN if place.startswith(ADMIN_PAGES) else Role.STAFF]
        answer = page.request.get(place)
        if answer.status != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        page.goto(place)
        page.screenshot(path=folder / f"{endpoint}-{viewport['width']}.png", full_page=True)


if __name__ == "__main__":
    take_pictures(Path(sys.argv[1]))
