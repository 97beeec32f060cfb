"""Where a person goes on after signing in or changing the language: only to a page of this program."""

import re

# One slash and no second, no backslash, no control character: browsers read all of those as another site.
_OWN_PAGE = re.compile(r"/(?![/\\])[^\\\x00-\x1f]*")


def own_page(address: str | None) -> str:
    """Return the address when it is one of this program's own, else the start page."""
    return address if address and _OWN_PAGE.fullmatch(address) else "/"
