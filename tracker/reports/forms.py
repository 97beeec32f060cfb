"""The form of a report: what it is about, as it stands in the address of its preview."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, IntegerField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional, Regexp

from tracker.audit.forms import ActForm
from tracker.core.periods import Period
from tracker.departments.queries import list_departments
from tracker.reports.figures import ask
from tracker.reports.requests import ReportKind, ReportRequest, ReportScope
from tracker.web.clock import today

FIRST_YEAR, LAST_YEAR = 1901, 2999
ABOUT = ("year", "kind", "scope", "department", "start", "end")


class AboutForm(FlaskForm):  # type: ignore[misc]
    """What a report is about; nothing is changed by asking for its preview."""

    class Meta:
        """The address of a preview needs no token."""

        csrf = False

    year = IntegerField(_l("Accounting year"), [InputRequired(), NumberRange(FIRST_YEAR, LAST_YEAR)])
    kind = SelectField(
        _l("Kind of report"),
        choices=[SelectChoice(each.value, each.korean) for each in ReportKind if each is ReportKind.ANNUAL],
        default=ReportKind.ANNUAL.value,
    )
    scope = SelectField(
        _l("Scope"),
        choices=[SelectChoice(each.value, each.korean) for each in ReportScope],
        default=ReportScope.STATUTORY.value,
    )
    department = SelectField(_l("Department"), default="")
    start = DateField(_l("From"), [Optional()], name="from")
    end = DateField(_l("To"), [Optional()], name="to")

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - as WTForms has it
        super().__init__(*arguments, **options)
        self.department.choices = [
            SelectChoice("", _l("The whole body")),
            *(SelectChoice(str(row.id), row.path) for row in list_departments()),
        ]

    def validate(self, *arguments: Any, **options: Any) -> bool:  # noqa: ANN401
        """Check the fields, and that the days make a period."""
        if not super().validate(*arguments, **options):
            return False
        try:
            ask(self.request(), today())
        except ValueError:
            self.form_errors.append(
                _("Give both a first and a last day, the first one not after the last, or neither.")
            )
            return False
        return True

    def request(self) -> ReportRequest:
        """Return what is asked for; ValueError where the days make no period."""
        start, end = self.start.data, self.end.data
        if bool(start) != bool(end):
            raise ValueError("A period needs its first and its last day.")
        return ReportRequest(
            year=self.year.data,
            kind=ReportKind(self.kind.data),
            period=Period(start, end) if start and end else None,
            scope=ReportScope(self.scope.data),
            department_id=int(self.department.data) if self.department.data else None,
        )


class FreezeForm(ActForm, AboutForm):
    """The same, to be frozen; `seen` is the total that the person saw before."""

    class Meta:
        """Freezing changes something."""

        csrf = True

    seen = HiddenField(validators=[InputRequired(), Regexp("-?[0-9]{1,18}")])
