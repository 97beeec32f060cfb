"""The institution's own wording of its reports (문구): frozen with each report, edited by year and kind."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from tracker.reports.document import Author
from tracker.reports.requests import Content

ECONOMY = "사회적경제"
ECONOMIES = (ECONOMY, "사회연대경제")
# Nobody gave this prefix out: identifiers with it are made up and hold within this institution only.
UNREGISTERED_PREFIX = "ocds-unregistered"


@dataclass(frozen=True, kw_only=True)
class Texts:
    """What a report says in the institution's own words; what is empty is said in the program's.

    title: the subject. laws, notes: lines. approval: the posts of the 결재란, none without one.
    contact: whom to ask. team: the team's name. economy: 사회적경제 or 사회연대경제.
    department_order: names of departments that go first. ocid_prefix: that of OCDS identifiers.
    logo: the SHA-256 of the picture at the head. logo_text: what it shows, the institution's name if empty.
    """

    title: str = ""
    laws: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    approval: tuple[str, ...] = ()
    author_post: str = ""
    author_name: str = ""
    author_telephone: str = ""
    contact: str = ""
    team: str = "사회적경제팀"
    economy: str = ECONOMY
    department_order: tuple[str, ...] = ()
    ocid_prefix: str = UNREGISTERED_PREFIX
    logo: str = ""
    logo_text: str = ""

    @property
    def author(self) -> Author | None:
        """Return 작성자 as a block of a document, if one is named."""
        if not (self.author_post or self.author_name or self.author_telephone):
            return None
        return Author(post=self.author_post, name=self.author_name, telephone=self.author_telephone)

    def say(self, text: str) -> str:
        """Return a text of the program with the institution's word for 사회적경제 in it."""
        return text.replace(ECONOMY, self.economy)


NAMES = tuple(each.name for each in fields(Texts))
LOGO = frozenset({"logo", "logo_text"})
LISTS = frozenset(each.name for each in fields(Texts) if isinstance(each.default, tuple))


def texts_of(content: Content) -> Texts:
    """Return the wording a report was frozen with; the program's own for one frozen without."""
    given: Mapping[str, Any] = content.get("texts", {})
    told: dict[str, Any] = {name: tuple(each) if name in LISTS else each for name, each in given.items()}
    return Texts(**told)


def with_texts(content: Content, texts: Texts) -> Content:
    """Return the content of a report in the institution's own words, its departments in their order."""
    words = {name: _plain(value) for name, value in asdict(texts).items() if name not in LOGO}
    told = {name: value for name, value in content.items() if name != "logo"} | {"texts": words}
    if texts.logo:
        told["logo"] = {"sha256": texts.logo, "text": texts.logo_text or content["institution"]}
    told["subject"] = texts.title or texts.say(content["subject"])
    if texts.laws:
        told["basis"] = content["basis"] | {"laws": list(texts.laws)}
    if "by_department" in content:
        told["by_department"] = _in_order(content["by_department"], texts.department_order)
    if "cross" in content:
        told["cross"] = content["cross"] | {
            "rows": _in_order(content["cross"]["rows"], texts.department_order)
        }
    return told


def _in_order(rows: Sequence[Content], order: Sequence[str]) -> list[Content]:
    """Return rows with the departments named first, the others after them as they were."""
    places = {name: place for place, name in enumerate(order)}
    return sorted(rows, key=lambda row: places.get(row["label"], len(places)))


def _plain(value: str | tuple[str, ...]) -> str | list[str]:
    return list(value) if isinstance(value, tuple) else value
