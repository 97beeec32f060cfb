"""The endpoints: read the request, let the room do it, answer in the shape the document promises."""

from typing import Any

from flask import Flask, Response, abort, request, stream_with_context, url_for
from flask_babel import gettext as _
from flask_login import current_user
from marshmallow import ValidationError
from sqlalchemy import select

from tracker.accounts.access import acting_person
from tracker.accounts.permissions import ENDPOINTS, Act, require
from tracker.api import enterprises, purchases, schemas
from tracker.api.document import PREFIX, ApiBlueprint, init_document
from tracker.api.fields import show_number
from tracker.api.names import asked_department, asked_one_offs, asked_scheme, asked_type
from tracker.api.refusals import init_refusals
from tracker.api.repeats import do_request_once
from tracker.audit.models import Access
from tracker.audit.once import Outcome
from tracker.audit.services import record_access
from tracker.config import MEGABYTE
from tracker.core.periods import Period
from tracker.departments.queries import subtree_ids
from tracker.enterprises import listing
from tracker.extensions import csrf, db, reading
from tracker.purchases import services
from tracker.purchases.by_enterprise import amounts_by_enterprise
from tracker.purchases.listing import Filter, sum_purchases
from tracker.purchases.listing import list_purchases as find_purchases
from tracker.purchases.models import Purchase
from tracker.reports.catalogue import build_report
from tracker.reports.queries import get_intact_snapshot, get_snapshot
from tracker.reports.queries import list_reports as find_reports
from tracker.reports.refusals import say_refused
from tracker.reports.requests import RefusedRequest, ReportRequest
from tracker.reports.services import freeze_report
from tracker.reports.verification import verify_report as check_report
from tracker.totals.answers import explain, write_json
from tracker.totals.queries import answer
from tracker.totals.questions import Question
from tracker.totals.rates import as_object, rates_of
from tracker.web.clock import today
from tracker.web.requests import origin

PURCHASE = "/purchases/<int:purchase_id>"
ENTERPRISE = "/enterprises/<int:enterprise_id>"
REPORT = "/reports/<int:report_id>"

Said = dict[str, Any]
Answered = tuple[object, int, dict[str, str]]

bp = ApiBlueprint("api", __name__, url_prefix=PREFIX, description="Everything a program may ask and send.")
init_refusals(bp)


def init_api(app: Flask) -> None:
    """Serve the API with its document."""
    # A browser has to show its token here too, a program has none: see below.
    csrf.exempt(bp)
    init_document(app, bp)


@bp.before_request
def prepare() -> None:
    """Keep the body small, ask a browser for its token, hold a clerk to the own departments."""
    request.max_content_length = MEGABYTE
    if not current_user.is_program:
        csrf.protect()
    number = (request.view_args or {}).get("purchase_id")
    if number is not None and request.endpoint:
        department = db.session.scalar(select(Purchase.department_id).where(Purchase.id == number))
        require(ENDPOINTS[request.endpoint], department or abort(404))


@bp.route("/enterprises")
@bp.arguments(schemas.EnterpriseQuery, location="query")
@bp.response(200, schemas.EnterpriseList)
def list_enterprises(said: Said) -> object:
    """Look for enterprises."""
    sort, after = said.pop("sort"), said.pop("after", None)
    wanted = listing.Filter(**said | {"type": asked_type(said.get("type"))})
    bought = amounts_by_enterprise(today().year)
    rows, is_more = listing.list_enterprises(wanted, sort, bought, after)
    return {
        "items": enterprises.describe_rows(rows, today()),
        "number": listing.count_enterprises(wanted),
        "next": rows[-1].id if is_more else None,
    }


@bp.route(ENTERPRISE)
@bp.arguments(schemas.EnterpriseDetailQuery, location="query")
@bp.response(200, schemas.Enterprise)
def show_enterprise(said: Said, enterprise_id: int) -> object:
    """Show an enterprise with its certifications and products."""
    if said["personal"]:
        require(Act.READ_PERSONAL)
        what = ", ".join(enterprises.PERSONAL)
        record_access(acting_person(), origin(), Access.VIEW, "enterprise", enterprise_id, what)
    return enterprises.describe_enterprise(enterprise_id, today(), is_personal=said["personal"])


@bp.route("/enterprises", methods=["POST"])
@bp.arguments(schemas.NewEnterprise)
@bp.response(201, schemas.Enterprise)
def register_enterprise(said: Said) -> Answered:
    """Register an enterprise with its certifications and products."""
    warnings: list[str] = []
    done = do_request_once(lambda: enterprises.register(said, acting_person(), warnings))
    told = enterprises.describe_enterprise(done.number, today()) | {"warnings": warnings}
    return _created(done, told, url_for(".show_enterprise", enterprise_id=done.number))


@bp.route("/purchases")
@bp.arguments(schemas.PurchaseQuery, location="query")
@bp.response(200, schemas.PurchaseList)
def list_purchases(said: Said) -> object:
    """Look for purchases, with the filters of the page."""
    department = asked_department(said)
    wanted = Filter(
        text=said.get("text"),
        fiscal_year=said.get("fiscal_year"),
        start=said.get("start"),
        end=said.get("end"),
        department_ids=subtree_ids(department) if department else None,
        enterprise=said.get("enterprise"),
        enterprise_id=said.get("enterprise_id"),
        kind=said.get("kind"),
        type=asked_type(said.get("type")),
        method=said.get("method"),
        is_counted=said.get("counted"),
        with_reversed=said["with_reversed"],
    )
    rows, is_more = find_purchases(wanted, said["sort"], said.get("after"))
    return {"items": rows, "found": sum_purchases(wanted), "next": rows[-1].id if is_more else None}


@bp.route(PURCHASE)
@bp.response(200, schemas.Purchase)
def show_purchase(purchase_id: int) -> object:
    """Show a purchase with its payments, verdicts and history."""
    return purchases.describe_purchase(purchases.get_record(purchase_id))


@bp.route("/purchases", methods=["POST"])
@bp.arguments(schemas.NewPurchase)
@bp.response(201, schemas.Purchase)
@bp.alt_response(409, schema=schemas.PeriodClosed)
def record_purchase(said: Said) -> Answered:
    """Record a purchase, judged on its purchase date."""
    draft, late_reason = purchases.draft_purchase(said), said.get("late_reason", "")
    return _changed(do_request_once(lambda: services.record_purchase(draft, acting_person(), late_reason)))


@bp.route(PURCHASE, methods=["PATCH"])
@bp.arguments(schemas.Correction)
@bp.response(200, schemas.Purchase)
@bp.alt_response(409, schema=schemas.Conflict)
def correct_purchase(said: Said, purchase_id: int) -> object:
    """Correct the facts that are sent; the rest stays, and so does what it said before."""

    def correct() -> int:
        draft = purchases.draft_correction(purchase_id, said)
        services.correct_purchase(purchase_id, draft, said["version"], said["reason"], acting_person())
        return purchase_id

    do_request_once(correct)
    return purchases.describe_purchase(purchases.get_record(purchase_id), is_written=True)


@bp.route(f"{PURCHASE}/payments", methods=["POST"])
@bp.arguments(schemas.NewPayment)
@bp.response(201, schemas.Purchase)
@bp.alt_response(409, schema=schemas.Conflict)
def record_payment(said: Said, purchase_id: int) -> Answered:
    """Add a payment."""
    [payment] = purchases.draft_payments([said])

    def pay() -> int:
        late_reason = said.get("late_reason", "")
        services.record_payment(purchase_id, payment, said["version"], acting_person(), late_reason)
        return purchase_id

    return _changed(do_request_once(pay))


@bp.route(f"{PURCHASE}/reversal", methods=["POST"])
@bp.arguments(schemas.Reasoned)
@bp.response(201, schemas.Purchase)
@bp.alt_response(409, schema=schemas.Conflict)
def reverse_purchase(said: Said, purchase_id: int) -> Answered:
    """Take a purchase out of all totals; what it said stays readable."""

    def reverse() -> int:
        services.reverse_purchase(purchase_id, said["version"], said["reason"], acting_person())
        return purchase_id

    return _changed(do_request_once(reverse))


@bp.route("/totals")
@bp.arguments(schemas.TotalsQuery, location="query")
@bp.response(200, schemas.Totals)
def show_totals(said: Said) -> Response:
    """Add up purchases against the year before: the JSON of `tracker totals --json`."""
    period = _asked_period(said)
    try:
        question = Question(
            year=said["year"],
            against=said.get("against"),
            period=period,
            same_period=said.get("same_period"),
            of=said["of"],
            basis=said["basis"],
            by=said["by"],
            department_id=asked_department(said),
            type=asked_type(said.get("type")),
        )
    except ValueError as error:
        raise _period_refused() from error
    found = answer(question)
    lines = (
        (side, line._replace(business_number=show_number(line.business_number)))
        for side, line in explain(found)
    )
    pieces = write_json(found, said["digits"], lines if said["explain"] else None)
    return Response(stream_with_context(pieces), mimetype="application/json")


@bp.route("/rates")
@bp.arguments(schemas.RatesQuery, location="query")
@bp.response(200, schemas.Rates)
def show_rates(said: Said) -> object:
    """Purchasing rates by scheme and kind against their targets: the JSON of `tracker rates --json`."""
    rows = rates_of(
        said["year"],
        asked_scheme(said.get("scheme")),
        asked_department(said),
        by_department="by" in said,
    )
    return {"year": said["year"], "rows": [as_object(row) for row in rows]}


@bp.route("/reports")
@bp.response(200, schemas.ReportList)
def list_reports() -> object:
    """List the frozen reports."""
    return {"items": find_reports()}


@bp.route("/reports", methods=["POST"])
@bp.arguments(schemas.NewReport)
@bp.response(201, schemas.Created)
def create_report(said: Said) -> Answered:
    """Freeze a report."""
    wanted = ReportRequest(
        year=said["year"],
        kind=said["kind"],
        period=_asked_period(said),
        scope=said["scope"],
        department_id=asked_department(said),
        scheme=asked_scheme(said.get("scheme")),
        enterprise_id=said.get("enterprise_id"),
        one_offs=asked_one_offs(said["one_offs"]),
    )

    by = acting_person()
    try:
        # All figures are of one moment, and nobody waits for the lock meanwhile.
        with reading():
            content = build_report(wanted, by.at)
    except RefusedRequest as error:
        raise ValidationError(say_refused(error), str(error)) from error
    except ValueError as error:
        raise _period_refused() from error
    done = do_request_once(lambda: freeze_report(content, by).id)
    return _created(done, get_snapshot(done.number), url_for(".show_report", report_id=done.number))


@bp.route(REPORT)
@bp.response(200, description="The frozen content; the SHA-256 of these bytes is its ETag.")
def show_report(report_id: int) -> Response:
    """Show what a report froze, byte for byte."""
    snapshot = get_intact_snapshot(report_id)
    response = Response(snapshot.content, mimetype="application/json")
    response.set_etag(snapshot.sha256)
    return response


@bp.route(f"{REPORT}/verification")
@bp.response(200, schemas.Verification)
def verify_report(report_id: int) -> object:
    """Tell whether a report is what was frozen, and what has changed in the ledger since."""
    return check_report(report_id)


def _changed(done: Outcome) -> Answered:
    told = purchases.describe_purchase(purchases.get_record(done.number), is_written=True)
    return _created(done, told, url_for(".show_purchase", purchase_id=done.number))


def _created(done: Outcome, told: object, address: str) -> Answered:
    return told, 200 if done.is_repeat else 201, {"Location": address}


def _asked_period(said: Said) -> Period | None:
    start, end = said.get("start"), said.get("end")
    if (start is None) != (end is None) or (start and end and start > end):
        raise _period_refused()
    return Period(start, end) if start and end else None


def _period_refused() -> ValidationError:
    message = _("Give both a first and a last day, or only the day up to which both years count.")
    return ValidationError({name: [message] for name in ("from", "to", "same_period")})
