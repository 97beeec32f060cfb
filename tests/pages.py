"""Following links as a person does: by their text."""

import re
from html import unescape


def address_of(page: str, text: str) -> str:
    """Return the address of the link with this text."""
    found = re.search(rf'<a [^>]*href="([^"]+)"[^>]*>\s*{text}(?=[ <])', page)
    assert found, f"there is no link {text}"
    return unescape(found[1])
