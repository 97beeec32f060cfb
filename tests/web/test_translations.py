"""Every text of the program has its Korean."""

from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from tracker.config import ROOT

CATALOGUE = ROOT / "tracker/translations/ko/LC_MESSAGES/messages.po"
KEYWORDS = DEFAULT_KEYWORDS | {"_l": None}


def extracted(folder: str, method: str, pattern: str) -> Iterator[tuple[str, object]]:
    """Yield place and text of every marked text below the folder."""
    found = extract_from_dir(
        ROOT / folder, [(pattern, method)], {pattern: {"silent": "false"}}, keywords=KEYWORDS
    )
    for file, line, text, _comments, _context in found:
        yield f"{folder}/{file}:{line}", text


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    """Return the Korean catalogue."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="ko")


@pytest.mark.parametrize(
    ("folder", "method", "pattern"), [("tracker", "python", "**.py"), ("templates", "jinja2", "**.html")]
)
def test_every_text_has_a_korean_one(catalogue: Catalog, folder: str, method: str, pattern: str) -> None:
    texts = list(extracted(folder, method, pattern))
    lacking = []
    for place, text in texts:
        message = catalogue.get(text if isinstance(text, str) else text[0])  # type: ignore[index]
        if message is None or message.fuzzy or not message.string or not all(message.string):
            lacking.append(f"{place}: {text}")

    assert texts
    assert not lacking, "bin/translate collects new texts; these lack Korean:\n" + "\n".join(lacking)


def test_korean_texts_hold_the_same_places_to_fill_in(catalogue: Catalog) -> None:
    faults = [(message.id, str(error)) for message, errors in catalogue.check() for error in errors]

    assert not faults
