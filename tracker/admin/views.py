"""The page of administration: a card for every room that the person signed in may enter."""

from flask import Blueprint, current_app, render_template
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from tracker.accounts.permissions import ENDPOINTS, may

CARDS = (
    (
        "departments.index",
        _l("Departments"),
        _l("The tree of departments, reorganisations, and whose last year is whose."),
    ),
    (
        "spending.index",
        _l("Total spending"),
        _l("What each department spent in all: the denominators of the rates."),
    ),
    ("targets.index", _l("Schemes and targets"), _l("Laws, types that count, yearly targets and deadlines.")),
    ("layouts.index", _l("File layouts"), _l("Which headings of other systems' files mean what.")),
    ("users.index", _l("Accounts"), _l("Who may sign in, as what, and for which department.")),
    ("jobs.index", _l("Jobs"), _l("Long work that runs or has run in the background.")),
    ("audit.index", _l("Audit trail"), _l("Who did what, and when; nothing in it can be changed.")),
)

bp = Blueprint("admin", __name__, url_prefix="/admin")


@bp.get("")
def index() -> str:
    """Show the cards of the pages that are there and open to this person."""
    cards = [
        card
        for card in CARDS
        if card[0] in current_app.view_functions
        and card[0] in ENDPOINTS
        and may(current_user, ENDPOINTS[card[0]])
    ]
    return render_template("admin/index.html", cards=cards)
