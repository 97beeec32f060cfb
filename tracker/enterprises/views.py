"""Pages of enterprises: the list, one of them, the forms that change it, and the products of all."""

import io
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from tracker.accounts.access import acting_person
from tracker.accounts.permissions import Act, may
from tracker.audit.forms import ActForm
from tracker.audit.models import Access
from tracker.audit.once import do_once
from tracker.audit.queries import names_of
from tracker.audit.services import record_access
from tracker.core.certification import StatusEvent
from tracker.core.vocabulary import AbsenceDecision, CertificationEventKind
from tracker.enterprises import catalogue, editions, queries, services
from tracker.enterprises.comparison import Difference, DifferenceKind, compare, count_kinds
from tracker.enterprises.doubts import (
    Doubt,
    RepeatedCertification,
    Unsure,
    consequences,
    consequences_of_many,
    doubts_about_certification,
    doubts_about_enterprise,
)
from tracker.enterprises.editions import ENDINGS, AbsenceDecided, EditionRow
from tracker.enterprises.exports import write_csv, write_xlsx
from tracker.enterprises.forms import (
    AbsenceForm,
    AbsencesForm,
    CertificationForm,
    EnterpriseForm,
    EnterpriseSearch,
    ProductForm,
    ProductSearch,
    RecordForm,
    ShareForm,
    StatusForm,
    differences,
)
from tracker.enterprises.history import list_changes
from tracker.enterprises.listing import Sort, count_enterprises, list_enterprises
from tracker.enterprises.models import Enterprise
from tracker.enterprises.services import DuplicateEnterprise, StaleRecord, Versioned, values_of, version_of
from tracker.enterprises.timeline import build_timeline
from tracker.enterprises.wording import LABELS, STATES, say_listed
from tracker.purchases.by_enterprise import (
    Judged,
    amounts_by_enterprise,
    amounts_of,
    bought_from,
    judged_valid,
)
from tracker.web.clock import now, today
from tracker.web.filters import day as say_day
from tracker.web.requests import is_number

bp = Blueprint("enterprises", __name__)
ONE = "/enterprises/<int:enterprise_id>"
CERTIFICATION = f"{ONE}/certifications/<int:certification_id>"
PRODUCT = f"{ONE}/products/<int:product_id>"
EDITION = "/enterprises/editions/<int:edition_id>"
WRITING = ["GET", "POST"]
ROWS_A_PAGE = 50
MOST_PAGES = 100_000
ABSENT = "absent"
FILE_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
PERSONAL = "representative, phone"

Found = TypeVar("Found")
Page = str | Response | tuple[str, int]


class Attempt(NamedTuple):
    """What came of sending a form: the number of what was done, or why nothing was."""

    number: int | None = None
    doubts: Sequence[Doubt] = ()
    twin: Enterprise | None = None
    is_stale: bool = False


@bp.context_processor
def pages() -> dict[str, Any]:
    """Tell the templates which other pages there are, and what the person may do."""
    there = current_app.view_functions
    return {
        "may_write": may(current_user, Act.WRITE_ENTERPRISES),
        "may_see_personal": may(current_user, Act.READ_PERSONAL),
        "may_buy": "purchases.create" in there and may(current_user, Act.WRITE_PURCHASES),
        "has_purchases": "purchases.index" in there,
        "state_words": STATES,
    }


@bp.get("/enterprises")
def index() -> Page:
    """List the enterprises that are looked for, with their types and what was bought this year."""
    form, day = EnterpriseSearch(request.args), today()
    form.fill_choices()
    if not form.validate():
        return render_template("enterprises/index.html", form=form, rows=None), 400
    wanted = form.wanted(day)
    rows, has_more = list_enterprises(
        wanted, Sort(form.sort.data), amounts_by_enterprise(day.year), form.after.data
    )
    ids, judged_on = [row.id for row in rows], form.day.data or day
    return render_template(
        "enterprises/index.html",
        form=form,
        asked=form.asked(),
        rows=rows,
        count=count_enterprises(wanted),
        states=queries.type_states_of(ids, judged_on),
        bought=amounts_of(ids, day.year),
        judged_on=judged_on,
        year=day.year,
        next_after=rows[-1].id if has_more else None,
    )


@bp.get("/products")
def products() -> Page:
    """List the products that are looked for, with who sells them."""
    form, day = ProductSearch(request.args), today()
    form.fill_choices()
    if not form.validate():
        return render_template("enterprises/products.html", form=form, rows=None), 400
    wanted = form.wanted(day)
    rows, has_more = catalogue.list_products_of_all(
        wanted, catalogue.ProductSort(form.sort.data), form.after.data
    )
    judged_on = form.day.data or day
    return render_template(
        "enterprises/products.html",
        form=form,
        asked=form.asked(),
        rows=rows,
        count=catalogue.count_products(wanted),
        described=catalogue.count_sellers_without_product(wanted),
        seller=queries.find_enterprise(form.enterprise.data) if form.enterprise.data else None,
        states=queries.type_states_of({row.enterprise_id for row in rows}, judged_on),
        judged_on=judged_on,
        next_after=rows[-1].id if has_more else None,
    )


@bp.get(ONE)
def detail(enterprise_id: int) -> str:
    """Show one enterprise with its certifications, what it sells, what was bought, and what was changed."""
    enterprise = _found(queries.find_enterprise(enterprise_id))
    certifications, day = queries.list_certifications(enterprise_id), today()
    types = {row.code: row.name for row in queries.list_types()}
    changes, has_earlier = list_changes(enterprise_id, certifications, types, _before())
    offered, bought = queries.list_products(enterprise_id), bought_from(enterprise_id)
    return render_template(
        "enterprises/detail.html",
        enterprise=enterprise,
        day=day,
        states=queries.states_of(certifications, day),
        certifications=certifications,
        timeline=build_timeline(certifications, day),
        absences=editions.absences_of(enterprise_id),
        offered=offered[: queries.SHOWN_PRODUCTS],
        has_more_products=len(offered) > queries.SHOWN_PRODUCTS,
        shares=queries.list_shares(enterprise_id),
        bought=bought,
        year_heads=[(str(year), "num") for year in bought.years],
        changes=changes,
        has_earlier=has_earlier,
    )


@bp.get(f"{ONE}/personal")
def personal(enterprise_id: int) -> str:
    """Show who represents the enterprise and the phone number; that somebody looked is recorded."""
    enterprise = _found(queries.find_enterprise(enterprise_id))
    _note_access(enterprise_id)
    return render_template("enterprises/personal.html", enterprise=enterprise)


@bp.route("/enterprises/new", methods=WRITING)
def create() -> Page:
    """Register an enterprise."""
    form, by = EnterpriseForm(), acting_person()

    def act() -> int:
        form.agree(doubts_about_enterprise(form.draft()))
        return services.register_enterprise(form.draft(), by)

    attempt = _attempt(form, act)
    if attempt.number is not None:
        flash(_("The enterprise has been registered. Add its certifications next."), "success")
        return redirect(url_for(".detail", enterprise_id=attempt.number))
    return _form_page(form, attempt, _("New enterprise"), _("Register"))


@bp.route(f"{ONE}/edit", methods=WRITING)
def edit(enterprise_id: int) -> Page:
    """Change the facts of an enterprise."""
    enterprise, by = _found(queries.find_enterprise(enterprise_id)), acting_person()
    if request.method != "POST":
        _note_access(enterprise_id)
    form = EnterpriseForm(data=values_of(enterprise))
    _open(form, enterprise)

    def act() -> int:
        form.agree(doubts_about_enterprise(form.draft(), enterprise))
        services.update_enterprise(enterprise_id, form.draft(), by, form.version.data or "")
        return enterprise_id

    attempt = _attempt(form, act)
    if attempt.number is not None:
        return _back(enterprise_id, _("The enterprise has been saved."))
    stored = EnterpriseForm(formdata=None, data=values_of(enterprise)) if attempt.is_stale else None
    return _form_page(form, attempt, _("Change the facts"), _("Save"), enterprise, enterprise, stored)


@bp.route(f"{ONE}/certifications/new", methods=WRITING)
def certify(enterprise_id: int) -> Page:
    """Add a certification."""
    enterprise, by = _found(queries.find_enterprise(enterprise_id)), acting_person()
    form = CertificationForm()
    form.fill_choices()

    def act() -> int:
        others = queries.list_certifications(enterprise_id)
        form.agree(doubts_about_certification(form.draft(), others, queries.list_types()))
        return services.certify(enterprise_id, form.draft(), by)

    attempt = _attempt(form, act)
    if attempt.number is not None:
        return _back(enterprise_id, _("The certification has been added."), "certifications")
    return _form_page(form, attempt, _("Add a certification"), _("Add"), enterprise)


@bp.route(f"{CERTIFICATION}/edit", methods=WRITING)
def edit_certification(enterprise_id: int, certification_id: int) -> Page:
    """Correct a certification."""
    certification = _found(queries.find_certification(enterprise_id, certification_id))
    enterprise, by = certification.enterprise, acting_person()
    form = CertificationForm(data=values_of(certification))
    form.fill_choices()
    _open(form, certification)

    def act() -> int:
        others = [
            row
            for row in queries.list_certifications(enterprise_id)
            if row.certificate.id != certification_id
        ]
        form.agree(doubts_about_certification(form.draft(), others, queries.list_types()))
        services.change_certification(certification_id, form.draft(), by, form.version.data or "")
        return certification_id

    attempt = _attempt(form, act)
    if attempt.number is not None:
        return _back(enterprise_id, _("The certification has been saved."), "certifications")
    stored = None
    if attempt.is_stale:
        stored = CertificationForm(formdata=None, data=values_of(certification))
        stored.fill_choices()
    return _form_page(
        form, attempt, _("Correct a certification"), _("Save"), enterprise, certification, stored
    )


@bp.route(f"{CERTIFICATION}/status", methods=WRITING)
def record_status(enterprise_id: int, certification_id: int) -> Page:
    """Record what became of a certification, after showing what it means."""
    certification = _found(queries.find_certification(enterprise_id, certification_id))
    enterprise, by, form = certification.enterprise, acting_person(), StatusForm()
    [row] = [
        each for each in queries.list_certifications(enterprise_id) if each.certificate.id == certification_id
    ]

    def act() -> int:
        event = StatusEvent(CertificationEventKind(form.kind.data), form.happened_on.data)
        ends_on = event.ends_on
        judged = judged_valid([enterprise_id], [certification_id], ends_on) if ends_on else Judged(0, 0)
        form.agree(consequences(row, event, judged.number, judged.amount))
        return services.record_status(certification_id, event.kind, event.happened_on, form.note.data, by)

    attempt = _attempt(form, act)
    if attempt.number is not None:
        return _back(enterprise_id, _("The status has been recorded."), "certifications")
    title = _("What became of %(certification)s", certification=row.label)
    return _form_page(
        form,
        attempt,
        title,
        _("Show what it means"),
        enterprise,
        confirm=_("Record it"),
        asks=_("What it means"),
    )


@bp.route(f"{ONE}/events/<int:event_id>/remove", methods=WRITING)
def remove_status(enterprise_id: int, event_id: int) -> Page:
    """Take back a status that was recorded by mistake."""
    event = queries.find_event(enterprise_id, event_id)
    return _remove(
        enterprise_id,
        _("Take back a status"),
        f"{event.kind.korean} {say_day(event.happened_on)}" if event else None,
        lambda: services.remove_status(event_id, acting_person()),
        "certifications",
    )


@bp.get("/enterprises/editions")
def list_of_editions() -> str:
    """List the editions of official lists by type, the newest first."""
    types = {row.code: row.name for row in queries.list_types()}
    type_code = request.args.get("type", "")
    if type_code and type_code not in types:
        abort(404)
    page, count = _page_asked(), editions.count_editions(type_code or None)
    return render_template(
        "enterprises/editions.html",
        rows=editions.list_editions(type_code or None, (page - 1) * ROWS_A_PAGE, ROWS_A_PAGE),
        types=types,
        type_code=type_code,
        page=page,
        page_count=_page_count(count),
    )


@bp.get(EDITION)
def edition(edition_id: int) -> str:
    """Show what sets an edition apart from the one before, of one kind or all, and who is missing."""
    return _edition_page(edition_id, request.args.get("kind", ""), AbsencesForm(None))


@bp.post(f"{EDITION}/absences")
def decide_absences(edition_id: int) -> Page:
    """Decide what became of the certifications that were ticked, all of them or none."""
    found, form, by = _found(editions.find_edition(edition_id)), AbsencesForm(), acting_person()
    chosen = form.chosen()

    def act() -> int:
        rows = editions.open_absences(found, chosen)
        if len(rows) < len(chosen):
            raise AbsenceDecided
        decision, day = AbsenceDecision(form.decision.data), form.happened_on.data
        if decision in ENDINGS:
            event, certifications = (
                StatusEvent(ENDINGS[decision], day),
                [row.certification_id for row in rows],
            )
            judged = judged_valid({row.enterprise_id for row in rows}, certifications, event.ends_on or day)
            form.agree(consequences_of_many(certifications, event, judged.number, judged.amount))
        return editions.decide_absences(chosen, decision, day, form.note.data, by)

    if form.validate() and not chosen:
        form.form_errors.append(_("Tick the certifications first."))
    if form.errors:
        return _edition_page(edition_id, ABSENT, form, chosen), 422
    try:
        attempt = _attempt(form, act)
    except AbsenceDecided:
        form.form_errors.append(
            _(
                "Nothing was recorded: one of these is not asked about any more, because somebody decided it "
                "or a list has it again. Look again and tick."
            )
        )
        return _edition_page(edition_id, ABSENT, form), 409
    if attempt.number is None:
        return _edition_page(edition_id, ABSENT, form, chosen, attempt)
    flash(_("The decision has been kept for %(count)s certifications.", count=attempt.number), "success")
    return redirect(url_for(".edition", edition_id=edition_id, kind=ABSENT, page=_page_asked()))


def _edition_page(
    edition_id: int,
    kind: str,
    form: AbsencesForm,
    chosen: Sequence[int] = (),
    attempt: Attempt = Attempt(),  # noqa: B008 - it never changes
) -> str:
    found, before, differences = _compared(edition_id)
    page = _page_asked()
    if kind not in {"", ABSENT, *DifferenceKind}:
        abort(404)
    first = (page - 1) * ROWS_A_PAGE
    absent = editions.count_absences(found)
    shown = [each for each in differences if kind in ("", each.kind)]
    absences = editions.absences_in(found, first, ROWS_A_PAGE) if kind == ABSENT else []
    return render_template(
        "enterprises/edition.html",
        edition=found,
        before=before,
        later=editions.find_neighbour(found, is_later=True),
        counts=count_kinds(differences),
        total=len(differences),
        kind=kind,
        differences=shown[first : first + ROWS_A_PAGE],
        absences=absences,
        form=form,
        chosen=chosen,
        attempt=attempt,
        people=names_of("account", {each.decided_by for each in absences if each.decided_by}),
        absent=absent,
        labels=LABELS,
        say_listed=say_listed,
        page=page,
        page_count=_page_count(absent if kind == ABSENT else len(shown)),
    )


@bp.get(f"{EDITION}/file")
def edition_file(edition_id: int) -> Response:
    """Give what differs away as a file for a spreadsheet program."""
    found, before, differences = _compared(edition_id)
    file_format = request.args.get("format", "")
    if before is None or file_format not in FILE_TYPES:
        abort(404)
    if file_format == "xlsx":
        content = write_xlsx(differences, found.day, now())
    else:
        content = write_csv(differences).encode()
    name = f"{found.type_name.replace(' ', '')}_{before.day}_{found.day}.{file_format}"
    return send_file(io.BytesIO(content), FILE_TYPES[file_format], as_attachment=True, download_name=name)


@bp.route(f"{ONE}/absences/<int:absence_id>", methods=WRITING)
def decide_absence(enterprise_id: int, absence_id: int) -> Page:
    """Decide what became of a certification that a list no longer has, after showing what it means."""
    absence = _found(editions.find_absence(enterprise_id, absence_id))
    enterprise, by = _found(queries.find_enterprise(enterprise_id)), acting_person()
    form = AbsenceForm()
    [row] = [
        each
        for each in queries.list_certifications(enterprise_id)
        if each.certificate.id == absence.certification_id
    ]

    def act() -> int:
        decision, day = AbsenceDecision(form.decision.data), form.happened_on.data
        if decision in ENDINGS:
            event = StatusEvent(ENDINGS[decision], day)
            judged = judged_valid([enterprise_id], [absence.certification_id], event.ends_on or day)
            form.agree(consequences(row, event, judged.number, judged.amount))
        return editions.decide_absence(absence_id, decision, day, form.note.data, by)

    back = url_for(".edition", edition_id=absence.edition_id, kind=ABSENT)
    try:
        attempt = _attempt(form, act)
    except AbsenceDecided:
        flash(_("Nothing is asked about it any more: somebody decided it, or a list has it again."), "info")
        return redirect(back)
    if attempt.number is not None:
        flash(_("The decision has been kept."), "success")
        return redirect(back)
    return _form_page(
        form,
        attempt,
        _(
            "%(certification)s: not in the list as of %(day)s",
            certification=row.label,
            day=say_day(absence.day),
        ),
        _("Show what it means"),
        enterprise,
        confirm=_("Record it"),
        asks=_("What it means"),
    )


@bp.route(f"{ONE}/shares/new", methods=WRITING)
def record_share(enterprise_id: int) -> Page:
    """Record a certified share of vulnerable workers."""
    enterprise, by, form = _found(queries.find_enterprise(enterprise_id)), acting_person(), ShareForm()

    def act() -> int:
        return services.record_vulnerable_share(
            enterprise_id, form.share, form.issuer.data, form.issued_on.data, by
        )

    attempt = _attempt(form, act)
    if attempt.number is not None:
        return _back(enterprise_id, _("The share has been recorded."), "shares")
    return _form_page(form, attempt, _("Record the share of vulnerable workers"), _("Record"), enterprise)


@bp.route(f"{ONE}/shares/<int:record_id>/remove", methods=WRITING)
def remove_share(enterprise_id: int, record_id: int) -> Page:
    """Take back a share that was recorded by mistake."""
    record = queries.find_share(enterprise_id, record_id)
    return _remove(
        enterprise_id,
        _("Take back a share of vulnerable workers"),
        f"{record.basis_points / 100:.2f} % · {say_day(record.issued_on)}" if record else None,
        lambda: services.remove_vulnerable_share(record_id, acting_person()),
        "shares",
    )


@bp.route(f"{ONE}/products/new", methods=WRITING)
def create_product(enterprise_id: int) -> Page:
    """Add a product."""
    enterprise, by, form = _found(queries.find_enterprise(enterprise_id)), acting_person(), ProductForm()
    attempt = _attempt(form, lambda: services.add_product(enterprise_id, form.draft(), by))
    if attempt.number is not None:
        return _back(enterprise_id, _("The product has been added."), "products")
    return _form_page(form, attempt, _("Add a product"), _("Add"), enterprise)


@bp.route(f"{PRODUCT}/edit", methods=WRITING)
def edit_product(enterprise_id: int, product_id: int) -> Page:
    """Change a product."""
    product = _found(queries.find_product(enterprise_id, product_id))
    enterprise, by = product.enterprise, acting_person()
    form = ProductForm(data=values_of(product))
    _open(form, product)

    def act() -> int:
        services.change_product(product_id, form.draft(), by, form.version.data or "")
        return product_id

    attempt = _attempt(form, act)
    if attempt.number is not None:
        return _back(enterprise_id, _("The product has been saved."), "products")
    stored = ProductForm(formdata=None, data=values_of(product)) if attempt.is_stale else None
    return _form_page(form, attempt, _("Change a product"), _("Save"), enterprise, product, stored)


@bp.route(f"{PRODUCT}/remove", methods=WRITING)
def remove_product(enterprise_id: int, product_id: int) -> Page:
    """Take a product off the list."""
    product = queries.find_product(enterprise_id, product_id)
    return _remove(
        enterprise_id,
        _("Remove a product"),
        product.name if product else None,
        lambda: services.remove_product(product_id, acting_person()),
        "products",
    )


def _found(row: Found | None) -> Found:
    return row if row is not None else abort(404)


def _compared(edition_id: int) -> tuple[EditionRow, EditionRow | None, list[Difference]]:
    """Return the edition, the one before it, and what differs; 404 for none."""
    found = _found(editions.find_edition(edition_id))
    before = editions.find_neighbour(found, is_later=False)
    return found, before, compare(before, found) if before else []


def _page_asked() -> int:
    return min(max(request.args.get("page", 1, int), 1), MOST_PAGES)


def _page_count(rows: int) -> int:
    return max(1, -(-rows // ROWS_A_PAGE))


def _before() -> int | None:
    """Return the act before which the history goes on; 404 for what is none."""
    text = request.args.get("before", "")
    if text and not is_number(text):
        abort(404)
    return int(text) if text else None


def _note_access(enterprise_id: int) -> None:
    origin = request.remote_addr or ""
    record_access(acting_person(), origin, Access.VIEW, "enterprise", enterprise_id, PERSONAL)


def _open(form: RecordForm, record: Versioned) -> None:
    """Let a form that is about to be shown remember which version it shows."""
    if request.method != "POST":
        form.version.data = version_of(record)


def _attempt(form: RecordForm, act: Callable[[], int]) -> Attempt:
    """Do the act of a form that was sent and is valid, once."""
    if not form.validate_on_submit():
        return Attempt()
    try:
        return Attempt(do_once(form.key.data, acting_person(), act).number)
    except Unsure as unsure:
        return Attempt(doubts=unsure.doubts)
    except StaleRecord:
        return Attempt(is_stale=True)
    except DuplicateEnterprise as known:
        form["business_number"].errors = [
            _("This number is registered already. Open that enterprise instead.")
        ]
        return Attempt(twin=queries.find_enterprise(known.enterprise_id))
    except RepeatedCertification:
        form["number"].errors = [_("The enterprise has a certification of this type and number already.")]
        return Attempt()


def _form_page(
    form: RecordForm,
    attempt: Attempt,
    title: str,
    submit: str,
    enterprise: Enterprise | None = None,
    record: Versioned | None = None,
    stored: RecordForm | None = None,
    **words: str,
) -> Page:
    """Return the page of a form; 409 with both versions where somebody else changed the record meanwhile."""
    conflict = differences(form, stored) if stored else []
    if stored and record:
        form.version.data = version_of(record)
    page = render_template(
        "enterprises/form.html",
        form=form,
        attempt=attempt,
        title=title,
        submit=submit,
        enterprise=enterprise,
        conflict=conflict,
        **words,
    )
    return (page, 409) if attempt.is_stale else page


def _remove(enterprise_id: int, title: str, what: str | None, act: Callable[[], int], part: str) -> Page:
    """Ask whether something is to be removed, and do it."""
    enterprise, form = _found(queries.find_enterprise(enterprise_id)), ActForm()
    if what is None:
        return _back(enterprise_id, _("It is not there any more."), part, "info")
    if form.validate_on_submit():
        do_once(form.key.data, acting_person(), act)
        return _back(enterprise_id, _("It has been removed. The history keeps what it said."), part)
    return render_template(
        "enterprises/remove.html", form=form, enterprise=enterprise, title=title, what=what, part=part
    )


def _back(enterprise_id: int, message: str, part: str | None = None, category: str = "success") -> Response:
    flash(message, category)
    return redirect(url_for(".detail", enterprise_id=enterprise_id, _anchor=part))
