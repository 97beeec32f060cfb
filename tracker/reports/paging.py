"""Where the pages of a long table end, told before it is printed: by the style sheet and widths of letters.

The figures are those of `templates/reports/report.css` and of the report font, in points.
"""

import re
from collections.abc import Sequence

from tracker.reports.document import Line, Section, Table
from tracker.reports.markup import head_rows, widths
from tracker.reports.wording import say_cell

MM = 72 / 25.4
# Width and height between the margins, by whether the page lies on its side.
PAGES = {False: (170 * MM, 259 * MM), True: (267 * MM, 176 * MM)}
# A long table is dense; rules are shared by cells, half of them each.
SIZE, LEADING, RULE = 8.2, 1.4, 0.4
PADDING, BESIDE = 2 * 0.75 * MM, 2 * 1.3 * MM
TABLE_RULE, HEAD_RULE = 1.4, 0.6
SECTION_TITLE = 13 * 1.55 + 1.8 * MM
CAPTION = 8.8 * LEADING + 0.9 * MM
REMARK_SIZE = 8.0
# So much stays free at an end that is cut, in case a row turns out a line higher.
SPARE = SIZE * LEADING

# Thousandths of the size of the type; Hangul and all else that is not here are as wide as each other.
WIDE = 940
ASCII = (
    280, 424, 430, 606, 606, 1090, 727, 303, 363, 363, 606, 654, 303, 363, 303, 375, 606, 606, 606, 606,
    606, 606, 606, 606, 606, 606, 303, 303, 547, 654, 547, 545, 872, 727, 606, 672, 727, 576, 503, 797,
    727, 242, 363, 641, 484, 969, 727, 787, 577, 787, 622, 545, 545, 727, 666, 1029, 666, 666, 545, 363,
    966, 363, 654, 545, 242, 545, 606, 484, 606, 545, 363, 606, 606, 242, 269, 520, 242, 908, 606, 606,
    606, 606, 363, 424, 363, 606, 484, 848, 510, 464, 484, 303, 242, 303, 654,
)  # fmt: skip
WIDTHS = {chr(code): width for code, width in enumerate(ASCII, start=32)} | {
    "·": 290, "–": 410, "「": 351, "」": 351, "『": 356, "』": 356,
}  # fmt: skip
# What no line ends within: words of Latin letters and digits, what opens or closes with its neighbour.
ATOM = re.compile(
    r"""[(\[{「『'"+]*(?:[0-9A-Za-z]+(?:[.,:'-][0-9A-Za-z]+)*|.)[)\]}」』'",.:;!?%/-]*[ ]*""", re.DOTALL
)


def find_cuts(section: Section, table: Table, wanted: Sequence[int]) -> list[int]:
    """Return the lines nearest to these that a page may begin with, and leave the page before about full.

    The table is the first block of its section, which begins on a page. There are fewer cuts near its end.
    """
    width, height = PAGES[section.is_wide]
    columns = _columns(table, width)
    heights = [_height(line, table, columns) for line in table.lines]
    later = height - _head_height(table, columns)
    room = later - CAPTION - (SECTION_TITLE if section.title else 0)
    cuts, begin = [], 0
    for line in wanted:
        while (end := _page_end(heights, begin, room)) + (end - begin) // 2 < line:
            begin, room = end, later
        begin, room = _page_end(heights, begin, room - SPARE), later
        # A sum does not stand alone on a page.
        if begin >= len(heights) - 1:
            break
        cuts.append(begin)
    return cuts


def _columns(table: Table, width: float) -> list[float]:
    """Return how much room for text each column has; the outer ones have no rule at the edge of the page."""
    inner = [share * width / 1000 - BESIDE - RULE for share in widths(table.columns)]
    return [inner[0] + RULE / 2, *inner[1:-1], inner[-1] + RULE / 2]


def _head_height(table: Table, columns: Sequence[float]) -> float:
    lines = max(_lines(each.label, room) for each, room in zip(table.columns, columns, strict=True))
    rows = len(head_rows(table.columns))
    return TABLE_RULE + rows * (PADDING + RULE + HEAD_RULE) + (rows - 1 + lines) * SIZE * LEADING


def _page_end(heights: Sequence[float], begin: int, room: float) -> int:
    """Return the first line that a page beginning with this one has no room for; it takes one in any case."""
    end, free = begin, room
    while end < len(heights) and (end == begin or heights[end] <= free):
        free -= heights[end]
        end += 1
    return end


def _height(line: Line, table: Table, columns: Sequence[float]) -> float:
    told = [_lines(say_cell(cell, table.money), room) for cell, room in zip(line.cells, columns, strict=True)]
    remark = _lines(line.remark, columns[0], REMARK_SIZE) * REMARK_SIZE if line.remark else 0
    return PADDING + RULE + LEADING * max(told[0] * SIZE + remark, max(told) * SIZE)


def _lines(text: str, room: float, size: float = SIZE) -> int:
    """Return how many lines the text takes."""
    most = room * 1000 / size
    if len(text) * WIDE <= most:
        return 1
    count, used = 1, 0.0
    for atom in ATOM.findall(text):
        # A blank at the end of a line takes no room.
        needed = _width(atom.rstrip(" "))
        if used and used + needed > most:
            count, used = count + 1, 0.0
        if needed > most:
            # A word too long for a line goes on in the next.
            for letter in atom:
                if used + _width(letter) > most:
                    count, used = count + 1, 0.0
                used += _width(letter)
        else:
            used += _width(atom)
    return count


def _width(text: str) -> int:
    return sum(WIDTHS.get(letter, WIDE) for letter in text)
