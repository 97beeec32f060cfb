"""What a program is told when a request is refused by the rules of the field."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from marshmallow import ValidationError
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import UnprocessableEntity

from tracker.api.purchases import describe_purchase, get_record
from tracker.api.repeats import KeyReused
from tracker.api.schemas import Purchase
from tracker.enterprises.services import DuplicateEnterprise
from tracker.extensions import db
from tracker.purchases.closings import ClosedPeriod
from tracker.purchases.services import ReversedPurchase, StalePurchase
from tracker.purchases.wording import say_closed
from tracker.reports.queries import AlteredReport, UnknownReport
from tracker.reports.requests import InconsistentReport
from tracker.web.errors import tell_error

# Exception → status, word and sentence.
REFUSALS: Mapping[type[Exception], tuple[int, str, LazyString]] = {
    ReversedPurchase: (409, "reversed", _l("The purchase was reversed. It cannot be changed any more.")),
    KeyReused: (
        422,
        "key_reused",
        _l("This Idempotency-Key was sent before with another content. Take a new key for a new request."),
    ),
    IntegrityError: (
        409,
        "conflict",
        _l("Somebody did the same at this moment. Look at what is there now and send it again if needed."),
    ),
    UnknownReport: (404, "not_found", _l("There is no report of this number.")),
    AlteredReport: (
        409,
        "altered",
        _l("The report was altered after it was frozen. Make a new one and tell the administrator."),
    ),
    InconsistentReport: (
        409,
        "inconsistent",
        _l("The figures do not add up, so nothing was frozen. Send it again, or have the figures checked."),
    ),
}


def init_refusals(blueprint: Blueprint) -> None:
    """Tell each refusal as JSON."""
    for exception, (status, code, message) in REFUSALS.items():
        blueprint.register_error_handler(exception, _teller(status, code, message))
    blueprint.register_error_handler(UnprocessableEntity, tell_invalid)
    blueprint.register_error_handler(ValidationError, lambda error: _tell_fields(error.normalized_messages()))
    blueprint.register_error_handler(DuplicateEnterprise, tell_duplicate)
    blueprint.register_error_handler(StalePurchase, tell_conflict)
    blueprint.register_error_handler(ClosedPeriod, tell_closed)


def tell_invalid(error: UnprocessableEntity) -> ResponseReturnValue:
    """Tell what is wrong by field, wherever in the request the fields stood."""
    [fields] = getattr(error, "data", {"messages": {"": {}}})["messages"].values()
    return _tell_fields(fields)


def tell_duplicate(error: DuplicateEnterprise) -> ResponseReturnValue:
    """Tell which enterprise has the business number."""
    message = _("This business registration number is registered already.")
    return tell_error(
        409, message, {"business_number": [message]}, code="duplicate", enterprise_id=error.enterprise_id
    )


def tell_conflict(error: StalePurchase) -> ResponseReturnValue:
    """Tell both versions: what was sent, and the purchase as it stands now."""
    db.session.expire_all()
    return tell_error(
        409,
        _("Somebody else changed the purchase meanwhile. Look at both versions and send yours again."),
        code="version_conflict",
        yours=request.get_json(),
        current=Purchase().dump(describe_purchase(get_record(error.purchase_id))),
    )


def tell_closed(error: ClosedPeriod) -> ResponseReturnValue:
    """Tell which periods are closed for which departments."""
    return tell_error(
        409,
        say_closed(error.closed),
        code="period_closed",
        closed=[
            {
                "department": each.department,
                "from": each.period.start.isoformat(),
                "to": each.period.end.isoformat(),
            }
            for each in error.closed
        ],
    )


def _teller(status: int, code: str, message: LazyString) -> Callable[[Exception], ResponseReturnValue]:
    return lambda _error: tell_error(status, message, code=code)


def _tell_fields(fields: Mapping[str, Any]) -> ResponseReturnValue:
    return tell_error(422, None, {name: _plain(told) for name, told in fields.items()})


def _plain(told: Any) -> dict[str, Any] | list[str]:  # noqa: ANN401 - as nested as what was sent
    """Return the messages of each field in the reader's language."""
    if isinstance(told, Mapping):
        return {str(name): _plain(each) for name, each in told.items()}
    return [str(each) for each in told] if isinstance(told, list) else [str(told)]
