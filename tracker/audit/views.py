"""Pages of the trail: who did what, and who looked at what is not public."""

from typing import Any, TypeVar

from flask import Blueprint, abort, current_app, render_template, request, url_for
from flask_login import current_user

from tracker.accounts.permissions import ENDPOINTS, may
from tracker.audit.forms import AccessForm, LookForm, TrailForm
from tracker.audit.queries import head, list_accesses, list_events
from tracker.audit.wording import say_field, say_subject, tell
from tracker.web.requests import LARGEST_KEY

bp = Blueprint("audit", __name__, url_prefix="/admin/audit")

PAGES = {
    "account": "users.edit",
    "department": "departments.detail",
    "enterprise": "enterprises.detail",
    "evidence": "evidence.detail",
    "import_batch": "imports.detail",
    "purchase": "purchases.detail",
    "report": "reports.detail",
}
Asked = TypeVar("Asked", bound=LookForm)


@bp.get("")
def index() -> str | tuple[str, int]:
    """List the acts that the filter finds, the newest first."""
    form = _asked(TrailForm)
    if form.errors:
        return render_template("audit/index.html", form=form, events=None), 400
    rows, has_more = list_events(form.wanted(), _before())
    return render_template(
        "audit/index.html",
        form=form,
        events=tell(rows),
        head=head(),
        address_of=_address_of,
        earlier=rows[-1].sequence if has_more else None,
    )


@bp.get("/access")
def access() -> str | tuple[str, int]:
    """List the looks at personal data and evidence that the filter finds, the newest first."""
    form = _asked(AccessForm)
    if form.errors:
        return render_template("audit/access.html", form=form, looks=None), 400
    rows, has_more = list_accesses(form.wanted(), _before())
    return render_template(
        "audit/access.html",
        form=form,
        looks=rows,
        say_subject=say_subject,
        say_field=say_field,
        address_of=_address_of,
        earlier=rows[-1].id if has_more else None,
    )


def _asked(kind: type[Asked]) -> Asked:
    form = kind(request.args)
    form.fill_choices()
    form.validate()
    return form


def _before() -> int | None:
    text = request.args.get("before")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 0 < len(text) <= 10 and int(text) <= LARGEST_KEY):
        abort(404)
    return int(text)


def _address_of(subject: str, number: int | None) -> str | None:
    """Return the page of what an event is about, where there is one that this person may see."""
    endpoint = PAGES.get(subject, "")
    if number is None or endpoint not in current_app.view_functions:
        return None
    if not may(current_user, ENDPOINTS[endpoint]):
        return None
    (name,) = next(current_app.url_map.iter_rules(endpoint)).arguments
    values: dict[str, Any] = {name: number}
    return url_for(endpoint, **values)
