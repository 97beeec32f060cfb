"""What pages say once after an act."""

from flask import flash
from flask_babel import gettext as _


def tell_done(said: str, *, is_repeat: bool) -> None:
    """Say that something was done, or that it had been done before."""
    if is_repeat:
        flash(_("This was done already; nothing changed a second time."), "info")
    else:
        flash(said, "success")
