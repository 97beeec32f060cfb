"""What a person sets of schemes, targets, budgets and deadlines, and writes as the yearly plan."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from wtforms import FieldList, Form, FormField, HiddenField, IntegerField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from tracker.audit.forms import ActForm
from tracker.core.money import Unit, Won
from tracker.core.names import normalise_heading
from tracker.core.vocabulary import Basis, DeadlineKind, Kind
from tracker.departments.forms import ChecklistField
from tracker.departments.queries import DepartmentRow, Directory
from tracker.imports.cells import (
    FIRST_YEAR,
    LAST_YEAR,
    CellError,
    parse_month,
    parse_quantity,
    parse_text,
    parse_won,
)
from tracker.imports.columns import PLAN_COLUMNS
from tracker.imports.reading import Cell
from tracker.purchases.forms import (
    ALL,
    NEEDED,
    NONE,
    CellField,
    day_field,
    department_choices,
    department_field,
    number_field,
    offered,
    parse_short_quantity,
    parse_stated_kind,
    read_cell,
    say_fault,
    text_field,
    won_field,
    word_choices,
    word_field,
)
from tracker.purchases.lines import GridColumn, Line, department_of, read_cells, require_cell
from tracker.targets.queries import (
    WHOLE,
    BudgetRow,
    DeadlineRow,
    Exclusion,
    PlanRow,
    Rule,
    TargetRow,
    code_of_scheme,
    list_scheme_names,
    seal_of,
)
from tracker.targets.services import DeadlineDraft, PlanDraft, RuleDraft, TargetDraft

NAMED_KINDS = (Kind.GOODS, Kind.SERVICES, Kind.WORKS)
BLANK_LINES = 3
MOST_EXCLUSIONS = 40
MOST_DEPARTMENTS = 3_000
LONGEST_ITEM = 60
LONGEST_TEXT = 200
LONGEST_REASON = 300
LONGEST_UNIT = 30
LONGEST_NOTE = 4_000
PERCENT_DIGITS = 4
OWN_BODIES, ALL_BODIES = "own", "all"


def parse_percent(cell: Cell) -> Decimal | None:
    """Return a rate written in percent (1.1, 1.1%) as a fraction; it is above 0 and at most 1."""
    text = str(parse_text(cell, LONGEST_ITEM) or "").removesuffix("%").removesuffix("％").strip()
    try:
        percent = parse_quantity(text)
    except CellError:
        percent = Decimal(0)
    if percent is None:
        return None
    if not 0 < percent <= 100 or percent.normalize().as_tuple().exponent < -PERCENT_DIGITS:  # type: ignore[operator]
        raise ValueError(_("Write a rate in percent, such as 1.1; above 0, at most 100, four decimals."))
    return percent.normalize() / 100


class PercentField(CellField):
    """A rate, stored as a fraction and written in percent."""

    def __init__(self, label: LazyString | str, **options: Any) -> None:  # noqa: ANN401 - as of any field
        super().__init__(label, parse_percent, **options)

    def _value(self) -> str:
        if self.data is None:
            return str(self.raw_data[0]) if self.raw_data else ""
        return f"{(self.data * 100).normalize():f}"


def _gather(lines: FieldList) -> None:
    """Let a list of lines know of the faults that were found after its own check."""
    lines.errors = [line.errors for line in lines if line.errors]


class AskedForm(FlaskForm):  # type: ignore[misc]
    """What is looked at; its fields are those of the address."""

    class Meta:
        """Nothing is changed here, so the address needs no token."""

        csrf = False

    year = SelectField(_l("Budget year"), coerce=int)
    unit = SelectField(
        _l("Unit"), choices=[SelectChoice(each.value, each.korean) for each in Unit], default="thousand"
    )

    def offer_years(self, years: Iterable[int]) -> None:
        """Offer these years, the newest first."""
        self.year.choices = [SelectChoice(year, str(year)) for year in sorted(set(years), reverse=True)]


class CarryForm(ActForm):
    """To carry the year before forward."""


class ExclusionForm(Form):  # type: ignore[misc]
    """A 통계목 that is left out, and why."""

    item = text_field(_l("Budget item"), LONGEST_ITEM)
    reason = text_field(_l("Reason"), LONGEST_TEXT)


class RuleForm(ActForm):
    """What a scheme counts in a year; without a version the year has no rule of its own yet."""

    version = number_field()
    types = ChecklistField(_l("Types that count"))
    kinds = ChecklistField(_l("Kinds that count"), choices=word_choices(NAMED_KINDS))
    exclusions = FieldList(FormField(ExclusionForm), max_entries=MOST_EXCLUSIONS)
    scope = SelectField(
        _l("Departments that count"),
        choices=[
            SelectChoice(OWN_BODIES, _l("The office and its own agencies (statutory)")),
            SelectChoice(ALL_BODIES, _l("With corporations and funded institutes (evaluation)")),
        ],
    )
    basis = word_field(_l("Basis"), Basis, Basis.CONTRACT)
    notice = text_field(_l("Notice number"), LONGEST_TEXT)
    recipient = text_field(_l("Recipient of the results"), LONGEST_TEXT)

    def offer(self, types: Mapping[str, str]) -> None:
        """Offer all types of certification, by code with their names."""
        self.types.choices = list(types.items())

    def show(self, rule: Rule, fiscal_year: int) -> None:
        """Fill in the rule that holds; one of another year becomes this year's when it is saved."""
        self.go_on_from(rule, fiscal_year)
        self.types.data = list(rule.types)
        self.kinds.data = [kind.value for kind in NAMED_KINDS if kind in rule.predicate.kinds]
        for each in rule.exclusions:
            self.exclusions.append_entry({"item": each.item, "reason": each.reason})
        self.scope.data = ALL_BODIES if rule.predicate.with_affiliated else OWN_BODIES
        self.basis.data = rule.predicate.basis
        self.notice.data, self.recipient.data = rule.notice or None, rule.recipient or None

    def go_on_from(self, rule: Rule, fiscal_year: int) -> None:
        """Note which rule of the year is seen, if there is one."""
        seen = rule.version if rule.fiscal_year == fiscal_year else None
        self.version.data, self.version.raw_data = seen, None

    def add_blank_lines(self) -> None:
        """Let there be room for further exclusions."""
        for _each in range(min(BLANK_LINES, MOST_EXCLUSIONS - len(self.exclusions))):
            self.exclusions.append_entry()

    def validate(self, extra_validators: object = None) -> bool:
        """Ask for a kind, and for item and reason of every exclusion, each item once."""
        is_valid = bool(super().validate(extra_validators))
        if not self.kinds.data:
            self.kinds.errors = [_("Tick at least one kind.")]
            is_valid = False
        taken: set[str] = set()
        for line in (each.form for each in self.exclusions if not each.form.errors):
            item, reason = line.item.data, line.reason.data
            if reason and not item:
                line.item.errors = [_("Write the budget item, or the beginning of its number.")]
            elif item and not reason:
                line.reason.errors = [_("Write why it is left out.")]
            elif item in taken:
                line.item.errors = [_("Another line has the same budget item.")]
            else:
                taken |= {item} if item else set()
                continue
            is_valid = False
        if not is_valid:
            _gather(self.exclusions)
        return is_valid

    def draft(self, scheme: str, fiscal_year: int) -> RuleDraft:
        """Return what was typed."""
        return RuleDraft(
            scheme=scheme,
            fiscal_year=fiscal_year,
            types=tuple(self.types.data),
            kinds=tuple(Kind(kind) for kind in self.kinds.data),
            exclusions=tuple(
                Exclusion(each.form.item.data, each.form.reason.data)
                for each in self.exclusions
                if each.form.item.data
            ),
            with_affiliated=self.scope.data == ALL_BODIES,
            basis=self.basis.data,
            notice=self.notice.data or "",
            recipient=self.recipient.data or "",
        )


def _more_than_nothing(_form: Form, field: CellField) -> None:
    if field.data is not None and field.data <= 0:
        raise ValidationError(_("Write an amount above 0, or leave it empty."))


class TargetLineForm(Form):  # type: ignore[misc]
    """The target of one kind, or of the whole."""

    kind = HiddenField(validators=[Length(max=32)])
    version = number_field()
    rate = PercentField(_l("Rate in percent"))
    amount = CellField(_l("Amount"), parse_won, [_more_than_nothing])
    ground = text_field(_l("Ground"), LONGEST_REASON)


class TargetsForm(ActForm):
    """The institution's targets of a scheme and year."""

    lines = FieldList(FormField(TargetLineForm), max_entries=len(NAMED_KINDS) + 1)

    def show(self, kinds: Collection[str], targets: Mapping[str, TargetRow]) -> None:
        """Fill in the targets that stand, with a line for each kind."""
        for kind in kinds:
            target = targets.get(kind)
            self.lines.append_entry(
                {
                    "kind": kind,
                    "version": target and target.version,
                    "rate": target and target.rate,
                    "amount": target and target.amount,
                    "ground": (target.ground if target else None) or None,
                }
            )

    def validate(self, extra_validators: object = None) -> bool:
        """Refuse lines that the form did not have, too."""
        is_valid = bool(super().validate(extra_validators))
        kinds = [each.form.kind.data for each in self.lines]
        if kinds and len(set(kinds)) == len(kinds) and set(kinds) <= {WHOLE, *NAMED_KINDS}:
            return is_valid
        self.form_errors.append(_("Open the page again: its lines are not those of this scheme."))
        return False

    def drafts(self, scheme: str, fiscal_year: int) -> list[tuple[TargetDraft, int | None]]:
        """Return what was typed, each with the version that was seen."""
        return [
            (
                TargetDraft(
                    scheme=scheme,
                    fiscal_year=fiscal_year,
                    kind=Kind(line.kind.data) if line.kind.data else None,
                    rate=line.rate.data,
                    amount=line.amount.data,
                    ground=line.ground.data or "",
                ),
                line.version.data,
            )
            for line in (each.form for each in self.lines)
        ]

    def take_notice(self, targets: Mapping[str, TargetRow]) -> None:
        """Go on from the targets that stand now."""
        for line in (each.form for each in self.lines):
            target = targets.get(line.kind.data)
            line.version.data, line.version.raw_data = target and target.version, None


class AmountLineForm(Form):  # type: ignore[misc]
    """An amount of one department; `seen` is the number of the figure that stood there."""

    department = number_field()
    seen = number_field()
    amount = won_field(_l("Amount"))


class AmountsForm(ActForm):
    """An amount for each department."""

    lines = FieldList(FormField(AmountLineForm), max_entries=MOST_DEPARTMENTS)

    def amounts(self) -> dict[int, Won]:
        """Return what was typed; an empty field says nothing."""
        return {
            each.form.department.data: each.form.amount.data
            for each in self.lines
            if each.form.department.data is not None and each.form.amount.data is not None
        }

    def show(self, departments: Iterable[DepartmentRow], amounts: Mapping[int, Won]) -> None:
        """Offer a line for each department."""
        for row in departments:
            self.lines.append_entry({"department": row.id, "amount": amounts.get(row.id)})

    def check(self, departments: Iterable[DepartmentRow], least: Won = 0) -> bool:
        """Return whether all is well: each department offered, once, its amount not below the least."""
        is_valid = bool(self.validate())
        known = {row.id for row in departments}
        for line in (each.form for each in self.lines):
            if line.department.data not in known:
                self.form_errors.append(_("Open the page again: its departments have changed."))
                return False
            known.remove(line.department.data)
            if line.amount.data is not None and line.amount.data < least:
                line.amount.errors = [_("Write an amount that is not below 0.")]
                is_valid = False
        if not is_valid:
            _gather(self.lines)
        return is_valid


class SharesForm(AmountsForm):
    """The parts of the departments in the institution's target; `whole` is the seal of what was seen."""

    whole = HiddenField(validators=[Length(max=64)])
    reason = text_field(_l("Ground"), LONGEST_REASON, NEEDED)

    def go_on_from(self, targets: Sequence[TargetRow]) -> None:
        """Note which targets are seen."""
        self.whole.data = seal_of(targets)


class BudgetsForm(AmountsForm):
    """구매가능예산 of the departments of a year."""

    reason = text_field(_l("Reason"), LONGEST_REASON, NEEDED)

    def show_standing(self, departments: Iterable[DepartmentRow], standing: Mapping[int, BudgetRow]) -> None:
        """Fill in the figures that stand."""
        self.show(departments, {each: row.amount for each, row in standing.items()})
        self.take_notice(standing)

    def seen(self) -> dict[int, int]:
        """Return the numbers of the figures that the person saw."""
        return {
            each.form.department.data: each.form.seen.data
            for each in self.lines
            if each.form.seen.data is not None
        }

    def take_notice(self, standing: Mapping[int, BudgetRow]) -> None:
        """Go on from the figures that stand now."""
        for line in (each.form for each in self.lines):
            figure = standing.get(line.department.data)
            line.seen.data, line.seen.raw_data = figure and figure.id, None


def _year_field(label: LazyString | str) -> IntegerField:
    return IntegerField(label, [InputRequired(), NumberRange(FIRST_YEAR, LAST_YEAR)])


class VersionedForm(ActForm):
    """A form of something that may be there already, as it was seen."""

    version = number_field()

    def go_on_from(self, version: int) -> None:
        """Note which version is seen."""
        self.version.data, self.version.raw_data = version, None


class DeadlineForm(VersionedForm):
    """What is due, and when."""

    due_on = day_field(_l("Due on"), NEEDED)
    kind = word_field(_l("What for"), DeadlineKind, DeadlineKind.SUBMISSION)
    title = text_field(_l("What is to be done"), LONGEST_TEXT, NEEDED)
    scheme = SelectField(_l("Scheme"), default="")
    fiscal_year = _year_field(_l("Results of the year"))

    def offer(self, schemes: Mapping[str, str]) -> None:
        """Offer all schemes, and none."""
        self.scheme.choices = [SelectChoice("", _l("No scheme of its own")), *schemes.items()]

    def show(self, row: DeadlineRow) -> None:
        """Fill in what stands."""
        for name in ("version", "due_on", "title", "fiscal_year"):
            self[name].data = getattr(row, name)
        self.kind.data, self.scheme.data = row.kind, row.scheme or ""

    def draft(self) -> DeadlineDraft:
        """Return what was typed."""
        return DeadlineDraft(
            fiscal_year=self.fiscal_year.data,
            due_on=self.due_on.data,
            kind=self.kind.data,
            title=self.title.data,
            scheme=self.scheme.data or None,
        )


class RemovalForm(VersionedForm):
    """To strike something out as it was seen."""


class PlanFilterForm(AskedForm):
    """Which part of a year's plan is looked at."""

    department = SelectField(_l("Department"), default="")
    scheme = SelectField(_l("Scheme"), default="")

    def offer(self, departments: Sequence[DepartmentRow], schemes: Mapping[str, str]) -> None:
        """Offer all departments and schemes."""
        self.department.choices = [ALL, *department_choices(departments)]
        self.scheme.choices = [ALL, *schemes.items()]


class CopyForm(ActForm):
    """To carry last year's plan forward, of one department or of all that one writes for."""

    department = SelectField(_l("Department"), default="")


class PlanLineForm(VersionedForm):
    """One line of the plan."""

    department_id = department_field(_l("Department"))
    scheme = SelectField(_l("Scheme"))
    item = text_field(_l("Item"), LONGEST_REASON, NEEDED)
    kind = word_field(_l("Kind"), Kind, Kind.GOODS)
    quantity = CellField(_l("Quantity"), parse_short_quantity)
    unit = text_field(_l("Unit of quantity"), LONGEST_UNIT)
    planned_month = CellField(_l("Month"), parse_month)
    amount = won_field(_l("Amount"), NEEDED)
    note = text_field(_l("Note"), LONGEST_NOTE)

    def offer(self, own: Sequence[DepartmentRow], schemes: Mapping[str, str]) -> None:
        """Offer the departments that a person writes for, and all schemes."""
        self.department_id.choices = offered(self.department_id, own)
        self.scheme.choices = list(schemes.items())

    def show(self, row: PlanRow) -> None:
        """Fill in what stands."""
        for name in ("version", "department_id", "scheme", "item", "kind", *OPTIONAL, "amount"):
            self[name].data = getattr(row, name)
        for name in ("unit", "note"):
            self[name].data = getattr(row, name) or None

    def draft(self, fiscal_year: int) -> PlanDraft:
        """Return what was typed."""
        return PlanDraft(
            fiscal_year=fiscal_year,
            department_id=self.department_id.data,
            scheme=self.scheme.data,
            item=self.item.data,
            kind=self.kind.data,
            amount=self.amount.data,
            quantity=self.quantity.data,
            unit=self.unit.data or "",
            planned_month=self.planned_month.data,
            note=self.note.data or "",
        )


class PlanLinesForm(ActForm):
    """Several lines at once; the grid itself is read by `read_plan_lines`."""

    department_id = department_field(_l("Department"))
    scheme = SelectField(_l("Scheme"), default="")
    pasted = TextAreaField(_l("Cells copied from a spreadsheet"), default="")

    def offer(self, own: Sequence[DepartmentRow], schemes: Mapping[str, str]) -> None:
        """Offer the departments that a person writes for, and all schemes."""
        self.department_id.choices = offered(self.department_id, own)
        self.scheme.choices = [NONE, *schemes.items()]


OPTIONAL = ("quantity", "unit", "planned_month", "note")
PLAN_SHOWN = ("item", "kind", "quantity", "unit", "planned_month", "amount", "note")
PLAN_WANTED = (("item",), ("amount",))
_HEADINGS: Mapping[str, LazyString] = {
    "department": _l("Department"),
    "scheme": _l("Scheme"),
    "item": _l("Item"),
    "kind": _l("Kind"),
    "quantity": _l("Quantity"),
    "unit": _l("Unit of quantity"),
    "planned_month": _l("Month"),
    "amount": _l("Amount"),
    "note": _l("Note"),
}
_PARSERS: Mapping[str, Callable[[Cell], object]] = {
    "kind": parse_stated_kind,
    "quantity": parse_short_quantity,
}
# Which year it is, the page says.
PLAN_GRID: Mapping[str, GridColumn] = {
    column.field: GridColumn(
        field=column.field,
        heading=_HEADINGS[column.field],
        parse=partial(
            read_cell,
            parse=_PARSERS.get(column.field) or column.parse or partial(parse_text, max_length=column.limit),
        ),
        known_as=frozenset(map(normalise_heading, (column.heading, *column.synonyms))),
        choices=column.choices,
    )
    for column in PLAN_COLUMNS
    if column.field in _HEADINGS
}


class PlanLines(NamedTuple):
    """The lines that are not blank, and what they say where nothing is wrong with any of them."""

    lines: list[Line]
    drafts: list[PlanDraft]


def read_plan_lines(
    rows: Sequence[Mapping[str, str]],
    fiscal_year: int,
    department_id: int,
    scheme: str | None,
    departments: Sequence[DepartmentRow],
    own: Collection[int],
) -> PlanLines:
    """Return what a grid says; department and scheme given stand in where a line names none of its own."""
    lines = [line for number, cells in enumerate(rows, start=1) if not (line := Line(number, cells)).is_blank]
    directory, schemes = Directory(list(departments)), list_scheme_names()
    drafts = []
    for line in lines:
        read_cells(line, PLAN_GRID)
        require_cell(line, "item")
        require_cell(line, "amount")
        found = department_of(line, directory, department_id, own)
        code = _scheme_of(line, schemes) if "scheme" in line.values else scheme
        if not code:
            place = "scheme" if "scheme" in line.cells else "item"
            line.faults.setdefault(place, _("Choose a scheme above, or name one here."))
        if found and code and not line.faults:
            drafts.append(_plan_draft(line, fiscal_year, found, code))
    return PlanLines(lines, drafts if len(drafts) == len(lines) else [])


def _scheme_of(line: Line, schemes: Mapping[str, str]) -> str | None:
    code = code_of_scheme(line.values["scheme"], schemes)
    if code is None:
        line.faults["scheme"] = say_fault("scheme_unknown", {"schemes": ", ".join(schemes.values())})
    return code


def _plan_draft(line: Line, fiscal_year: int, department_id: int, scheme: str) -> PlanDraft:
    said = {name: line.values[name] for name in OPTIONAL if name in line.values}
    return PlanDraft(
        fiscal_year=fiscal_year,
        department_id=department_id,
        scheme=scheme,
        item=line.values["item"],
        kind=line.values.get("kind", Kind.UNCLASSIFIED),
        amount=line.values["amount"],
        **said,
    )
