"""Labels of rows that state a sum: 소계, 누계, 합계 and the like, alone or with a name."""

import re
from functools import lru_cache
from typing import NamedTuple

from tracker.core.names import normalise_heading
from tracker.imports.cells import CellError, parse_line

LABELS_REMEMBERED = 4_096
LONGEST_LABEL = 100
WORDS = frozenset({"소계", "누계", "합계", "총계", "계", "월계", "총합계"})

LAST_OF_LABELS = frozenset("계)]）］】〕>〉")  # in which every label ends: most cells need no closer look

_BRACKETS = re.compile(r"[()\[\]（）［］【】〔〕<>〈〉]")
_SUM = "(?P<word>(?:총 ?합|[소합총누]) ?계)"
# What such names end in. Elsewhere 계 is part of a word (온도계, 경리계), and so is 소계 (청소계, 연구소계).
_ENDINGS = (
    "과|국|실|팀|단|센터|담당관|읍|면|동|보건소|사업소|사무소|도서관|물품|용역|공사"
    "|월|분기|반기|년|년도|연도|부서|기관|기업|조합|시설"
)
_NAMED = (
    re.compile(rf"(?P<name>.*[^ ]{{2}}) {_SUM}"),
    re.compile(rf"(?P<name>(?=..).*(?:{_ENDINGS})){_SUM}"),
    re.compile(rf"(?P<name>(?=..).*(?:{_ENDINGS}|청|구)) (?P<word>계)"),
)
_NAME_BEHIND = re.compile(rf"{_SUM} ?[(\[（［](?P<name>[^()\[\]（）［］]+)[)\]）］]")


class SumLabel(NamedTuple):
    """What a row sums up: the label as it stands, in one line, its word, and its name as names are compared.

    The name is empty where the word stands alone.
    """

    text: str
    word: str
    name: str = ""


@lru_cache(LABELS_REMEMBERED)
def parse_sum_label(text: str) -> SumLabel | None:
    """Return the label where the text can be one of a sum, None where it cannot.

    It may still be a name: whether its row is a sum shows in what else the row says.
    """
    try:
        line = parse_line(text, LONGEST_LABEL)
    except CellError:
        return None
    if line is None:
        return None
    if (word := normalise_heading(line)) in WORDS:
        return SumLabel(line, word)
    apart = " ".join(_BRACKETS.sub(" ", line).split())
    found = _NAME_BEHIND.fullmatch(line) or next(
        filter(None, (each.fullmatch(apart) for each in _NAMED)), None
    )
    if found is None:
        return None
    return SumLabel(line, found["word"].replace(" ", ""), normalise_heading(found["name"]))
