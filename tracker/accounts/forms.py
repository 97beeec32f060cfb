"""What a person types to sign in, for the own account, and to keep the accounts of others."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import EqualTo, InputRequired, Length, Optional, ValidationError

from tracker.accounts.passwords import MAXIMUM_LENGTH, MINIMUM_LENGTH
from tracker.accounts.queries import Filter, Standing
from tracker.accounts.services import AccountDraft, InvalidLogin, normal_login
from tracker.audit.forms import ActForm
from tracker.core.vocabulary import Role
from tracker.departments.queries import DepartmentRow, subtree_ids

NAME_LENGTH = 60
_NEEDED = InputRequired(_l("Please fill in this field."))
_PASSWORD = [_NEEDED, Length(max=MAXIMUM_LENGTH)]


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Login and password."""

    login = StringField(_l("Login"), [_NEEDED, Length(max=60)])
    password = PasswordField(_l("Password"), _PASSWORD)


class CodeForm(FlaskForm):  # type: ignore[misc]
    """The six digits that the app shows."""

    code = StringField(_l("Code from the app"), [_NEEDED, Length(max=10)])


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """The current password, and twice the new one."""

    current = PasswordField(_l("Current password"), _PASSWORD)
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


class RemoveFactorForm(FlaskForm):  # type: ignore[misc]
    """The current password, so that nobody else at the desk can do it."""

    current = PasswordField(_l("Current password"), _PASSWORD)


class ChangeForm(ActForm):
    """What can be changed of an account; `version` tells what it was made from."""

    name = StringField(_l("Name"), [_NEEDED, Length(max=NAME_LENGTH)])
    role = SelectField(
        _l("Role"), [_NEEDED], choices=[SelectChoice(role.value, role.korean) for role in Role]
    )
    department = SelectField(_l("Department"), default="")
    version = HiddenField()

    def offer(self, departments: Iterable[DepartmentRow]) -> None:
        """Offer the departments there are."""
        self.department.choices = _offer(_l("None"), ((str(row.id), row.path) for row in departments))

    def validate_department(self, field: SelectField) -> None:
        """Ask for the department of a clerk, who could do nothing without."""
        if self.role.data == Role.CLERK and not field.data:
            raise ValidationError(_l("Choose the department whose purchases the clerk enters."))

    def draft(self, login: str) -> AccountDraft:
        """Return what valid fields say."""
        return AccountDraft(
            login, self.name.data.strip(), Role(self.role.data), _number(self.department.data)
        )


class AccountForm(ChangeForm):
    """A new account of a person."""

    login = StringField(_l("Login"), [_NEEDED, Length(max=60)])

    def validate_login(self, field: StringField) -> None:
        """Refuse a login of other characters."""
        try:
            normal_login(field.data)
        except InvalidLogin as error:
            raise ValidationError(
                _l("A login has 2 to 60 characters: letters a–z, digits, dot, hyphen, underscore.")
            ) from error


class FilterForm(FlaskForm):  # type: ignore[misc]
    """Which accounts are listed; its fields are those of the address."""

    class Meta:
        """Nothing is changed here, so the address needs no token."""

        csrf = False

    text = StringField(_l("Name or login"), [Optional(), Length(max=60)])
    role = SelectField(_l("Role"), default="")
    department = SelectField(_l("Department"), default="")
    standing = SelectField(_l("State"), default="")
    page = IntegerField(default=1)

    def offer(self, departments: Iterable[DepartmentRow]) -> None:
        """Offer roles, departments and states."""
        every = _l("All")
        self.role.choices = _offer(every, ((role.value, role.korean) for role in Role))
        self.department.choices = _offer(every, ((str(row.id), row.path) for row in departments))
        self.standing.choices = _offer(every, ((each.value, each.korean) for each in Standing))

    def wanted(self) -> Filter:
        """Return what valid fields ask for."""
        department_id = _number(self.department.data)
        return Filter(
            text=self.text.data or None,
            role=Role(self.role.data) if self.role.data else None,
            department_ids=subtree_ids(department_id) if department_id else None,
            standing=Standing(self.standing.data) if self.standing.data else None,
        )


def _offer(none: str, choices: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice("", none), *(SelectChoice(*choice) for choice in choices)]


def _number(text: str | None) -> int | None:
    return int(text) if text else None
