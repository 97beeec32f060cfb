"""Measuring the printing of reports against Chromium, which prints the same HTML, both in the same run."""

import json
import pickle
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tracker.config import ROOT
from tracker.operations.bench import Cost, Outcome
from tracker.reports.document import (
    Column,
    Document,
    Facts,
    Heading,
    Line,
    Role,
    Section,
    Table,
    amount,
    number,
    percent,
    text,
)
from tracker.reports.documents.blocks import ledger_section
from tracker.reports.markup import document_html
from tracker.reports.requests import Content

ROWS = (500, 2_000, 5_000)
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
TYPES = {
    "social": "사회적기업",
    "social_coop": "사회적협동조합",
    "village": "마을기업",
    "self_support": "자활기업",
}
ITEMS = ("복사용지", "청사 청소 용역", "어르신 도시락 배달", "현수막 제작", "가사·간병 방문 서비스")


def find_chromium() -> str | None:
    """Return Chromium's program, where one is installed."""
    return next((found for name in CHROMIUM if (found := shutil.which(name))), None)


def measure_printing(chromium: str, sizes: Sequence[int] = ROWS) -> list[Outcome]:
    """Return what printing ledgers of these lengths costs; a long one makes two files, both are counted."""
    return [_measure(chromium, rows) for rows in sizes]


def _measure(chromium: str, rows: int) -> Outcome:
    document = made_up(rows)
    with tempfile.TemporaryDirectory(prefix="tracker-bench-") as name:
        folder = Path(name)
        (folder / "document").write_bytes(pickle.dumps(document))
        page = folder / "document.html"
        page.write_text(document_html(document), encoding="utf-8")
        ours = _run([sys.executable, "-m", "tracker.operations.printer", name])
        rival = _run(
            [
                chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                f"--user-data-dir={folder / 'profile'}", "--no-pdf-header-footer",
                f"--print-to-pdf={folder / 'rival.pdf'}", page.as_uri(),
            ]
        )  # fmt: skip
    return Outcome(f"report-{rows}", rows, ours, rival, "Chromium")


def _run(command: Sequence[str]) -> Cost:
    """Run a command to its end and return what it cost with all its descendants."""
    counted = [sys.executable, "-m", "tracker.operations.cost", *command]
    told = subprocess.run(counted, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    return Cost(**json.loads(told.stdout))


def made_up(rows: int) -> Document:
    """Return a report of a district's size with so many purchases in its ledger."""
    rng = random.Random(rows)  # noqa: S311 - made-up data
    annex: list[Content] = [
        {
            "id": serial,
            "department": f"제{rng.randrange(53) + 1}행정복지과",
            "day": f"2025-{1 + serial * 12 // rows:02}-{rng.randrange(28) + 1:02}",
            "enterprise": f"주식회사 함께하는이웃{rng.randrange(400):03}",
            "item": rng.choice(ITEMS),
            "contract_name": f"2025년 {rng.choice(ITEMS)} {serial}",
            "kind": rng.choice(("물품", "용역", "공사")),
            "types": rng.sample(list(TYPES), rng.choice((1, 1, 2))),
            "tax": "included",
            "amount": rng.randrange(1, 50_000) * 1_000,
        }
        for serial in range(rows)
    ]
    content = {
        "annex": annex,
        "type_names": TYPES,
        "basis": {"tax": [{"key": "included", "label": "과세 포함"}], "measure": "사회적경제기업"},
        "summary": {"total": {"current": sum(line["amount"] for line in annex)}},
    }
    return Document(
        title="2025년도 새솔구 사회적경제기업 제품 우선구매 실적보고서",
        kicker="2025년도",
        mark="",
        subject="사회적경제기업 제품 우선구매 실적보고서",
        body="새솔구",
        number="2025-0001",
        sha256=f"{rows:064x}",
        frozen_at="2026-01-31T09:00:00+00:00",
        sections=(
            Section(
                blocks=[
                    Facts(title="작성 기준", pairs=[("집계 기간", "2025. 1. 1. ~ 2025. 12. 31.")] * 8),
                    *(
                        block
                        for name, lines in (("유형별", 8), ("구분별", 3), ("월별", 12), ("부서별", 53))
                        for block in (Heading(f"{name} 구매실적"), _table(name, lines, rng))
                    ),
                ]
            ),
            ledger_section(content, "붙임 1"),
        ),
    )


def _table(name: str, lines: int, rng: random.Random) -> Table:
    def line(label: str, role: Role = Role.BODY) -> Line:
        current, prior = rng.randrange(10**9), rng.randrange(10**9)
        figures = (amount(current), amount(prior), amount(current - prior), percent("12.3"), number(7))
        return Line((text(label), *figures), role)

    heads = ("2025년", "2024년", "증감액", "증감률", "건수")
    return Table(
        key=name,
        sheet=name,
        title=name,
        columns=(Column("구분", 22), *(Column(head, 15) for head in heads)),
        lines=[*(line(f"{name} {place}") for place in range(lines)), line("합계", Role.TOTAL)],
        units=("%", "건"),
    )
