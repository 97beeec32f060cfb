"""Pages of purchases: the list and its files, entry of one or of many, and one purchase with its history."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from flask import (
    Blueprint,
    abort,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from tracker.accounts.access import acting_person
from tracker.accounts.permissions import Act, may, own_departments, require
from tracker.audit.acting import Acting
from tracker.audit.once import do_once, find_outcome
from tracker.core.vocabulary import Role
from tracker.departments.queries import DepartmentRow, list_departments
from tracker.enterprises.queries import list_types
from tracker.evidence.forms import ENDINGS, AddForm
from tracker.evidence.queries import list_evidence
from tracker.imports.queries import origins_of
from tracker.purchases import wording
from tracker.purchases.closings import Closed, ClosedPeriod, closings_of, late_marks_of
from tracker.purchases.drafts import Facts, PurchaseDraft, changes_between
from tracker.purchases.exports import XLSX_ROWS, write_csv, write_xlsx
from tracker.purchases.forms import (
    GRID_COLUMNS,
    GRID_SHOWN,
    CorrectionForm,
    FactsForm,
    FilterForm,
    LinesForm,
    NewPurchaseForm,
    PaymentForm,
    ReversalForm,
    parse_number,
)
from tracker.purchases.history import JUDGED_BY, Record, find_record, merge, merge_payments
from tracker.purchases.lines import (
    MOST_LINES,
    Grid,
    Line,
    grid_of,
    read_lines,
    say_too_many,
    spread_behind,
)
from tracker.purchases.listing import Filter, Sort, iterate_rows, list_purchases, sum_purchases
from tracker.purchases.services import (
    ReversedPurchase,
    StalePurchase,
    correct_purchase,
    record_payment,
    record_purchase,
    record_purchases,
    reverse_purchase,
)
from tracker.purchases.suppliers import (
    Supplier,
    called_by_id,
    find_suppliers,
    last_supplier,
    list_called,
    usual_purchase,
)
from tracker.purchases.warnings import Check, check_purchases, seal
from tracker.web.clock import now, today

bp = Blueprint("purchases", __name__, url_prefix="/purchases")
PURCHASE = "/<int:purchase_id>"
BLANK_LINES = 8

# What a repeated purchase has in common with the one before; its amount, dates and numbers are its own.
REPEATED = (
    "contracting_department_id", "item", "kind", "contract_name", "unit", "tax", "law", "method", "ground",
    "quotations", "procurement", "channel", "means", "budget_item", "budget_kind", "directness", "nature",
)  # fmt: skip


@bp.context_processor
def _words() -> dict[str, object]:
    """Give the pages of this room the words for what the ledger keeps as codes."""
    return {
        "say": wording,
        "may_write": may(current_user, Act.WRITE_PURCHASES),
        "may_register": may(current_user, Act.WRITE_ENTERPRISES),
    }


@bp.get("")
def index() -> ResponseReturnValue:
    """List the purchases asked for; without a question this fiscal year's, for clerks their department's."""
    form, wanted = _asked()
    if wanted is None:
        return render_template("purchases/index.html", form=form, found=None), 400
    sort, after = Sort(form.sort.data), request.args.get("after")
    if after is not None and parse_number(after) is None:
        abort(404)
    rows, has_more = list_purchases(wanted, sort, parse_number(after))
    enterprise = called_by_id([wanted.enterprise_id]) if wanted.enterprise_id else {}
    return render_template(
        "purchases/index.html",
        form=form,
        found=sum_purchases(wanted),
        rows=rows,
        has_more=has_more,
        is_first=after is None,
        asked=form.asked(),
        sort=sort,
        orders=Sort,
        enterprise=enterprise.get(wanted.enterprise_id or 0),
        type_names=_type_names(),
        xlsx_rows=XLSX_ROWS,
    )


@bp.get("/export")
def export() -> ResponseReturnValue:
    """Give away the list as it is filtered and ordered, as a file."""
    form, wanted = _asked()
    form_of_file = request.args.get("format")
    if wanted is None or form_of_file not in ("csv", "xlsx"):
        abort(404)
    found = sum_purchases(wanted)
    if form_of_file == "xlsx" and found.number + found.reversed_number > XLSX_ROWS:
        flash(
            _(
                "A workbook holds up to %(most)s purchases. Narrow the list, or take the CSV file.",
                most=f"{XLSX_ROWS:,}",
            ),
            "warning",
        )
        return redirect(url_for("purchases.index", **form.asked()))
    rows = iterate_rows(wanted, Sort(form.sort.data))
    name = f"purchases-{today()}.{form_of_file}"
    if form_of_file == "xlsx":
        return send_file(write_xlsx(rows, _type_names(), now()), as_attachment=True, download_name=name)
    lines = stream_with_context(write_csv(rows, _type_names()))
    disposition = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(lines, content_type="text/csv; charset=utf-8", headers=disposition)


@bp.route("/new", methods=["GET", "POST"])
def create() -> ResponseReturnValue:
    """Record one purchase: supplier, verdict and warnings are seen before it is saved."""
    departments = list_departments()
    own = _own(departments)
    form = NewPurchaseForm() if request.method == "POST" else NewPurchaseForm(None, data=_prefill(own))
    form.offer_departments(own, departments)
    if request.method != "POST":
        return _show_entry(form)
    _require_department(form.department_id.data)
    candidates = _settle_supplier(form)
    if candidates is not None or _act() != "save":
        return _show_entry(form, candidates)
    draft = form.draft() if form.validate() else None
    if draft is None:
        return _show_entry(form), 422
    by = acting_person()
    if find_outcome(form.key.data, by) is None and _is_unread(check_purchases([draft.facts]), form.seen.data):
        return _show_entry(form, must_confirm=True)
    try:
        outcome = do_once(form.key.data, by, lambda: record_purchase(draft, by, form.late_reason.data or ""))
    except ClosedPeriod as error:
        form.late_reason.errors = [wording.say_closed(error.closed)]
        return _show_entry(form), 422
    _say_saved(outcome.number, is_repeat=outcome.is_repeat)
    if request.form.get("next") == "repeat":
        return redirect(url_for("purchases.create", repeat=outcome.number))
    return redirect(url_for("purchases.detail", purchase_id=outcome.number))


@bp.route("/new/lines", methods=["GET", "POST"])
def create_lines() -> ResponseReturnValue:
    """Record several purchases at once, typed into a grid or pasted from a spreadsheet."""
    departments = list_departments()
    own = _own(departments)
    form = LinesForm() if request.method == "POST" else LinesForm(None, department_id=_own_department(own))
    form.offer_departments(own)
    if request.method != "POST":
        return _show_lines(form, GRID_SHOWN, [{}] * BLANK_LINES)
    _require_department(form.department_id.data)
    fields, rows = grid = grid_of(request.form, GRID_COLUMNS, GRID_SHOWN)
    if form.pasted.data.strip():
        return _spread(form, grid)
    if len(rows) > MOST_LINES:
        form.form_errors.append(say_too_many())
        return _show_lines(form, fields, rows), 422
    if _act() == "more":
        return _show_lines(form, fields, [*rows, *[{}] * BLANK_LINES][:MOST_LINES])
    own_ids = {row.id for row in own}
    is_valid = form.validate()
    lines = read_lines(rows, GRID_COLUMNS, form.department_id.data or 0, departments, own_ids)
    drafts = [line.draft for line in lines if line.draft]
    checks = check_purchases([draft.facts for draft in drafts]) if drafts else []
    if not is_valid or not drafts or len(drafts) < len(lines):
        if not lines:
            form.form_errors.append(_("Fill in at least one line."))
        return _show_lines(form, fields, rows, lines, checks), 422 if _act() == "save" else 200
    by = acting_person()
    is_new = find_outcome(form.key.data, by) is None
    if _act() != "save" or (is_new and _is_unread(checks, form.seen.data)):
        return _show_lines(form, fields, rows, lines, checks, must_confirm=_act() == "save")
    try:
        outcome = do_once(
            form.key.data, by, lambda: record_purchases(drafts, by, form.late_reason.data or "")[0]
        )
    except ClosedPeriod as error:
        form.late_reason.errors = [wording.say_closed(error.closed)]
        return _show_lines(form, fields, rows, lines, checks), 422
    if outcome.is_repeat:
        flash(_("These lines had been saved before; nothing was saved twice."), "info")
    else:
        flash(
            _(
                "%(count)s purchases for %(amount)s won have been saved.",
                count=len(drafts),
                amount=f"{sum(draft.facts.amount for draft in drafts):,}",
            ),
            "success",
        )
    return redirect(url_for("purchases.index", sort=Sort.RECORDED, fiscal_year="", department=""))


@bp.get("/suppliers")
def suppliers() -> ResponseReturnValue:
    """Give the suppliers found by name, business number or product, with the types they hold on the day."""
    form = NewPurchaseForm(MultiDict({"supplier": request.args.get("q", "")}))
    day = NewPurchaseForm(MultiDict({"contracted_on": request.args.get("day", "")})).contracted_on.data
    names = _type_names()
    return {
        "suppliers": [
            {
                "id": each.id,
                "label": each.label,
                "product": each.product,
                "types": [names[code] for code in each.types],
            }
            for each in find_suppliers(form.supplier.data or "", day or today())
        ]
    }


@bp.get("/suppliers/<int:enterprise_id>/usual")
def usual(enterprise_id: int) -> ResponseReturnValue:
    """Give what a department usually buys from a supplier."""
    found = usual_purchase(enterprise_id, parse_number(request.args.get("department")))
    return {"item": found.item, "kind": found.kind} if found else {}


@bp.get("/check")
def check() -> ResponseReturnValue:
    """Give the part of a page that tells verdict and warnings of a purchase not saved yet."""
    draft = NewPurchaseForm(request.args).draft()
    checks = check_purchases([draft.facts]) if draft else []
    return render_template(
        "purchases/check.html", check=_only(checks), seen=seal(checks), type_names=_type_names()
    )


@bp.get(PURCHASE)
def detail(purchase_id: int) -> ResponseReturnValue:
    """Show one purchase: facts, verdicts with their reasons, payments, warnings and history."""
    record = _get_record(purchase_id)
    departments = list_departments()
    department_id = record.facts.department_id
    is_writer = may(current_user, Act.WRITE_PURCHASES, department_id)
    return render_template(
        "purchases/detail.html",
        record=record,
        names=_names([record], departments),
        supplier=called_by_id([record.facts.enterprise_id])[record.facts.enterprise_id],
        check=None if record.facts.is_reversed else check_purchases([record.facts], record.id)[0],
        origins=origins_of(record.id),
        late_marks=late_marks_of(record.id),
        type_names=_type_names(),
        may_change=is_writer and not record.facts.is_reversed,
        evidence=list_evidence(purchase_id) if may(current_user, Act.READ_EVIDENCE, department_id) else None,
        evidence_form=AddForm() if is_writer else None,
        endings=ENDINGS,
    )


@bp.route(f"{PURCHASE}/correct", methods=["GET", "POST"])
def correct(purchase_id: int) -> ResponseReturnValue:
    """Correct a purchase by a new revision; where somebody else was faster, show both versions."""
    record = _get_record(purchase_id)
    require(Act.WRITE_PURCHASES, record.facts.department_id)
    if request.method != "POST":
        if record.facts.is_reversed:
            return _turn_away(record)
        return _show_correction(_correction(record, record.facts, record.payments), record)
    version = parse_number(request.form.get("version")) or 0
    form = CorrectionForm(request.form, payments=record.payments_at(version), before=record.facts_at(version))
    _offer(form)
    _require_department(form.department_id.data)
    candidates = _settle_supplier(form)
    if candidates is not None or _act() != "save":
        return _show_correction(form, record, candidates)
    draft = form.draft() if form.validate() else None
    if draft is None:
        return _show_correction(form, record), 422
    by = acting_person()
    if version == record.version and find_outcome(form.key.data, by) is None:
        if (draft.facts, Counter(draft.payments)) == (record.facts, Counter(record.payments)):
            flash(_("Nothing was changed, so nothing was saved."), "info")
            return redirect(url_for("purchases.detail", purchase_id=purchase_id))
        if _is_unread(check_purchases([draft.facts], purchase_id), form.seen.data):
            return _show_correction(form, record, must_confirm=True)
    try:
        _do(
            form.key.data,
            by,
            purchase_id,
            lambda: correct_purchase(purchase_id, draft, version, form.reason.data, by),
        )
    except (StalePurchase, ReversedPurchase):
        return _show_conflict(form, draft, _get_record(purchase_id), version), 409
    return redirect(url_for("purchases.detail", purchase_id=purchase_id))


@bp.route(f"{PURCHASE}/payments", methods=["GET", "POST"])
def pay(purchase_id: int) -> ResponseReturnValue:
    """Add a payment."""
    record = _get_record(purchase_id)
    require(Act.WRITE_PURCHASES, record.facts.department_id)
    if request.method != "POST":
        if record.facts.is_reversed:
            return _turn_away(record)
        form = PaymentForm(
            None, version=record.version, paid_on=today(), amount=record.unpaid if record.unpaid > 0 else None
        )
        return _show_act("pay", form, record)
    form = PaymentForm()
    return _change(
        "pay",
        form,
        record,
        lambda by, version: record_payment(
            purchase_id, form.payment(), version, by, form.late_reason.data or ""
        ),
    )


@bp.route(f"{PURCHASE}/reverse", methods=["GET", "POST"])
def reverse(purchase_id: int) -> ResponseReturnValue:
    """Take a purchase out of all totals; it stays readable with the reason."""
    record = _get_record(purchase_id)
    require(Act.WRITE_PURCHASES, record.facts.department_id)
    if request.method != "POST":
        if record.facts.is_reversed:
            return _turn_away(record)
        return _show_act("reverse", ReversalForm(None, version=record.version), record)
    form = ReversalForm()
    return _change(
        "reverse",
        form,
        record,
        lambda by, version: reverse_purchase(purchase_id, version, form.reason.data, by),
    )


# What is asked


def _asked() -> tuple[FilterForm, Filter | None]:
    """Return the form and its filter; None, with the fault in the form, where it makes none."""
    given: MultiDict[str, str] = request.args.copy()
    is_about_one = "enterprise_id" in given
    if not is_about_one and not {"fiscal_year", "from", "to"} & given.keys():
        given["fiscal_year"] = str(today().year)
    if not is_about_one and "department" not in given and current_user.role is Role.CLERK:
        given["department"] = str(current_user.department_id or "")
    form = FilterForm(given)
    departments = list_departments()
    form.fill_choices(departments, list_types())
    return form, form.filter(departments) if form.validate() else None


def _act() -> str:
    """Return which button was pressed; a form sent by the Enter key is to be saved."""
    return "choose" if request.form.get("choose") else request.form.get("act", "save")


def _get_record(purchase_id: int) -> Record:
    record = find_record(purchase_id)
    return record if record else abort(404)


def _type_names() -> dict[str, str]:
    return {row.code: row.name for row in list_types()}


def _only(checks: Sequence[Check]) -> Check | None:
    return checks[0] if checks else None


def _names(records: Sequence[Record], departments: Sequence[DepartmentRow]) -> dict[str, dict[int, str]]:
    """Return the names of all departments and suppliers in the histories, by the fact that holds them."""
    history = [revision.facts for record in records for revision in record.revisions]
    return _names_for(history, departments)


def _names_for(history: Sequence[Facts], departments: Sequence[DepartmentRow]) -> dict[str, dict[int, str]]:
    paths = {row.id: row.path for row in departments}
    called = called_by_id({facts.enterprise_id for facts in history})
    return {
        "department_id": paths,
        "contracting_department_id": paths,
        "enterprise_id": {each.id: each.name for each in called.values()},
    }


# Who may write for which department


def _own(departments: Sequence[DepartmentRow]) -> Sequence[DepartmentRow]:
    """Return the departments the person writes for."""
    if current_user.role is not Role.CLERK:
        return departments
    own = set(own_departments(current_user))
    return [row for row in departments if row.id in own] or abort(403)


def _own_department(own: Sequence[DepartmentRow]) -> int | None:
    return next((row.id for row in own if row.id == current_user.department_id), None)


def _require_department(department_id: int | None) -> None:
    if department_id is not None:
        require(Act.WRITE_PURCHASES, department_id)


# Entry of one


def _prefill(own: Sequence[DepartmentRow]) -> dict[str, Any]:
    """Return what a new form begins with: an earlier purchase, a named supplier, or the one used last."""
    department_id = _own_department(own)
    filled: dict[str, Any] = {"contracted_on": today(), "department_id": department_id}
    repeated = parse_number(request.args.get("repeat"))
    if repeated is not None:
        before = _get_record(repeated).facts
        enterprise_id: int | None = before.enterprise_id
        filled |= {name: getattr(before, name) for name in REPEATED}
        if any(row.id == before.department_id for row in own):
            filled["department_id"] = before.department_id
        if before.contracted_on is None:
            filled |= {"contracted_on": None, "paid_on": today()}
    else:
        enterprise_id = parse_number(request.args.get("enterprise")) or last_supplier(current_user.id)
        usual_there = usual_purchase(enterprise_id, department_id) if enterprise_id else None
        if usual_there:
            filled |= usual_there._asdict()
    called = called_by_id([enterprise_id]) if enterprise_id else {}
    for each in called.values():
        filled |= {"enterprise_id": each.id, "supplier": each.label}
    return filled


def _settle_supplier(form: FactsForm) -> list[Supplier] | None:
    """Let the form name the supplier that was meant; where that is not clear, return those to choose from."""
    chosen, text = form.choose.data, form.supplier.data
    if chosen:
        for each in called_by_id([chosen]).values():
            form.settle_supplier(each.id, each.label)
        return None
    if not text:
        form.settle_supplier(None, None)
        return None
    before = called_by_id([form.enterprise_id.data]) if form.enterprise_id.data else {}
    if any(each.label == text for each in before.values()):
        return None
    exact = list_called([text])[text]
    if len(exact) == 1:
        form.settle_supplier(exact[0].id, exact[0].label)
        return None
    form.settle_supplier(None, text)
    return find_suppliers(text, form.contracted_on.data or today())


def _is_unread(checks: Sequence[Check], seen: str) -> bool:
    """Return whether the checks say something that the person should know and has not been shown."""
    return seal(checks) != seen and any(
        each.has_warnings or not each.judgement.is_certified for each in checks
    )


def _say_saved(purchase_id: int, *, is_repeat: bool) -> None:
    if is_repeat:
        text = _(
            "This form had been saved before as purchase %(number)s; nothing was saved twice.",
            number=purchase_id,
        )
    else:
        text = _("Purchase %(number)s has been saved.", number=purchase_id)
    flash(text, "info" if is_repeat else "success")


def _show_entry(
    form: NewPurchaseForm, candidates: Sequence[Supplier] | None = None, *, must_confirm: bool = False
) -> str:
    draft = form.draft()
    checks = check_purchases([draft.facts]) if draft else []
    form.seen.data = seal(checks)
    return render_template(
        "purchases/form.html",
        form=form,
        check=_only(checks),
        candidates=candidates,
        must_confirm=must_confirm,
        type_names=_type_names(),
    )


# Entry of many


def _spread(form: LinesForm, grid: Grid) -> ResponseReturnValue:
    """Show the grid with the pasted block behind the lines that are filled in."""
    try:
        block = spread_behind(grid, form.pasted.data, GRID_COLUMNS)
    except ValueError as error:
        form.pasted.errors = [str(error)]
        return _show_lines(form, *grid), 422
    if block.left_out:
        flash(_("These columns were left out: %(columns)s.", columns=", ".join(block.left_out)), "warning")
    form.pasted.data = ""
    return _show_lines(form, block.fields, block.rows)


def _show_lines(
    form: LinesForm,
    fields: Sequence[str],
    rows: Sequence[dict[str, str]],
    lines: Sequence[Line] = (),
    checks: Sequence[Check] = (),
    *,
    must_confirm: bool = False,
) -> str:
    form.seen.data = seal(checks) if checks else ""
    sound = [line.number for line in lines if line.draft]
    return render_template(
        "purchases/lines.html",
        form=form,
        columns=[GRID_COLUMNS[name] for name in fields],
        rows=rows,
        lines={line.number: line for line in lines},
        checks=dict(zip(sound, checks, strict=True)),
        sound=sound,
        must_confirm=must_confirm,
        most_lines=MOST_LINES,
        type_names=_type_names(),
    )


# Changes of what stands already


def _offer(form: FactsForm) -> None:
    departments = list_departments()
    form.offer_departments(_own(departments), departments)


def _do(key: str, by: Acting, purchase_id: int, act: Callable[[], None]) -> None:
    """Do the act once, and say so."""

    def done() -> int:
        act()
        return purchase_id

    outcome = do_once(key, by, done)
    _say_saved(purchase_id, is_repeat=outcome.is_repeat)


def _turn_away(record: Record) -> Response:
    flash(_("This purchase was reversed; it cannot be changed any more. Enter it anew."), "warning")
    return redirect(url_for("purchases.detail", purchase_id=record.id))


def _change(
    act: str, form: PaymentForm | ReversalForm, record: Record, change: Callable[[Acting, int], None]
) -> ResponseReturnValue:
    """Make a change by a small form; 409 with what happened meanwhile where its version is old."""
    if not form.validate():
        return _show_act(act, form, record), 422
    by, version = acting_person(), form.version.data or 0
    try:
        _do(form.key.data, by, record.id, lambda: change(by, version))
    except ClosedPeriod as error:
        form.late_reason.errors = [wording.say_closed(error.closed)]
        return _show_act(act, form, record), 422
    except (StalePurchase, ReversedPurchase):
        record = _get_record(record.id)
        form.version.data = record.version
        return _show_act(act, form, record, since=version), 409
    return redirect(url_for("purchases.detail", purchase_id=record.id))


def _show_act(act: str, form: PaymentForm | ReversalForm, record: Record, since: int | None = None) -> str:
    return render_template(
        f"purchases/{act}.html",
        form=form,
        record=record,
        names=_names([record], list_departments()),
        since=None if since is None else record.since(since),
        closed=_closed(record),
    )


def _closed(record: Record) -> list[Closed]:
    """Return the closed periods in which the purchase lies."""
    facts = record.facts
    return closings_of([facts.department_id]).at(facts.department_id, facts.purchased_on)


def _correction(record: Record, facts: Facts, payments: Sequence[Any], **fields: Any) -> CorrectionForm:  # noqa: ANN401
    """Return a form that starts from these facts and payments."""
    supplier = called_by_id([facts.enterprise_id])[facts.enterprise_id].label
    form = CorrectionForm(
        None,
        obj=facts,
        payments=payments,
        before=record.facts,
        supplier=supplier,
        version=record.version,
        **fields,
    )
    _offer(form)
    return form


def _show_correction(
    form: CorrectionForm,
    record: Record,
    candidates: Sequence[Supplier] | None = None,
    *,
    must_confirm: bool = False,
    **conflict: Any,  # noqa: ANN401 - what only the page of a conflict shows
) -> str:
    draft = form.draft()
    checks = check_purchases([draft.facts], record.id) if draft else []
    form.seen.data = seal(checks)
    is_judged_anew = draft and JUDGED_BY & changes_between(record.facts, draft.facts).keys()
    return render_template(
        "purchases/correct.html",
        form=form,
        record=record,
        check=_only(checks),
        judged=checks[0].judgement if is_judged_anew else record,
        candidates=candidates,
        must_confirm=must_confirm,
        closed=_closed(record),
        type_names=_type_names(),
        **conflict,
    )


def _show_conflict(form: CorrectionForm, mine: PurchaseDraft, record: Record, version: int) -> str:
    """Show what I typed beside what is stored now, and a form with what both of us changed."""
    base, stored = form.before, record.facts
    payments = record.payments_at(record.version)
    merged = _correction(
        record,
        stored if stored.is_reversed else merge(base, mine.facts, stored),
        merge_payments(record.payments_at(version), [row.payment() for row in form.rows], payments),
        reason=form.reason.data,
    )
    theirs, own = changes_between(base, stored).keys(), changes_between(base, mine.facts).keys()
    return _show_correction(
        merged,
        record,
        since=record.since(version),
        typed=form,
        mine=mine,
        base=base,
        base_payments=record.payments_at(version),
        differing=[name for name in wording.LABELS if name in theirs | own],
        contested=theirs & own & changes_between(stored, mine.facts).keys(),
        names=_names_for([mine.facts, *(each.facts for each in record.revisions)], list_departments()),
    )
