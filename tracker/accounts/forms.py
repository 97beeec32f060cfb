"""What a person types to sign in and to change the password."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from tracker.accounts.passwords import MAXIMUM_LENGTH, MINIMUM_LENGTH

_NEEDED = InputRequired(_l("Please fill in this field."))


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Login and password."""

    login = StringField(_l("Login"), [_NEEDED, Length(max=60)])
    password = PasswordField(_l("Password"), [_NEEDED, Length(max=MAXIMUM_LENGTH)])


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """The current password, and twice the new one."""

    current = PasswordField(_l("Current password"), [_NEEDED, Length(max=MAXIMUM_LENGTH)])
    new = PasswordField(
        _l("New password"),
        [
            _NEEDED,
            Length(
                MINIMUM_LENGTH, MAXIMUM_LENGTH, _l("A password has between %(min)d and %(max)d characters.")
            ),
        ],
    )
    again = PasswordField(
        _l("New password again"), [_NEEDED, EqualTo("new", _l("The two new passwords differ."))]
    )
