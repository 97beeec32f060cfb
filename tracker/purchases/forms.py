"""What a person asks about and enters into the ledger; a field is read as the cell of a file would be."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    Form,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import Length, NumberRange, Optional, StopValidation
from wtforms.widgets import DateInput, HiddenInput

from tracker.audit.forms import ActForm
from tracker.core.names import normalise_heading
from tracker.core.vocabulary import (
    BudgetKind,
    ContractMethod,
    Directness,
    GoverningLaw,
    Kind,
    Nature,
    PaymentKind,
    Procurement,
    Tax,
    Word,
)
from tracker.departments.queries import DepartmentRow, subtree_ids
from tracker.enterprises.queries import TypeRow
from tracker.imports.cells import (
    CellError,
    parse_day,
    parse_kind,
    parse_quantity,
    parse_text,
    parse_won,
    parse_year,
)
from tracker.imports.columns import PURCHASE_COLUMNS, Column
from tracker.imports.problems import Problem
from tracker.imports.reading import Cell
from tracker.imports.reading.rows import to_cell
from tracker.purchases.drafts import FACT_NAMES, Facts, PaymentDraft, PurchaseDraft
from tracker.purchases.lines import GridColumn
from tracker.purchases.listing import Filter, Sort
from tracker.purchases.wording import LABELS
from tracker.web.requests import is_number

W = TypeVar("W", bound=Word)
Parser = Callable[[Cell], object]

LONGEST_KIND = 90
LONGEST_QUANTITY = 30
MOST_QUOTATIONS = 99
LONGEST_REASON = 300
NONE = SelectChoice("", "–")
ALL = SelectChoice("", _l("All"))


def read_cell(text: str, parse: Parser) -> Any:  # noqa: ANN401 - as the parser returns it
    """Return what was typed as a value, without control characters; ValueError in the reader's words."""
    try:
        return parse(to_cell(text))
    except CellError as error:
        raise ValueError(say_fault(error.code, error.parameters)) from None


def say_fault(code: str, parameters: Mapping[str, object] | None = None) -> str:
    """Return what is wrong with a cell, in the words that a file's rows get."""
    return Problem(None, None, None, code, parameters or {}).message


def parse_number(cell: Cell) -> int | None:
    """Return a number that the program itself gave; None for anything else."""
    text = str(cell or "")
    return int(text) if is_number(text) else None


def parse_short_quantity(cell: Cell) -> object:
    """Return a quantity whose digits the ledger has room for."""
    parse_text(cell, LONGEST_QUANTITY)
    try:
        return parse_quantity(cell)
    except CellError:
        raise ValueError(_("This is no quantity. Write a number such as 12 or 1.5.")) from None


class CellField(StringField):  # type: ignore[misc]
    """A field that is read as one cell of a file is; what cannot be read stays as it was typed."""

    data: Any

    def __init__(
        self,
        label: LazyString | str,
        parse: Parser,
        validators: Sequence[Callable[[Form, Field], None]] = (),
        **options: Any,  # noqa: ANN401 - those of a WTForms field
    ) -> None:
        super().__init__(label, validators, **options)
        self.parse = parse

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed."""
        self.data = None
        if valuelist:
            self.data = read_cell(valuelist[0], self.parse)

    def _value(self) -> str:
        if self.data is None:
            return self.raw_data[0] if self.raw_data else ""
        if self.parse is parse_won:
            return f"{self.data:,}"
        return f"{self.data:f}" if self.parse is parse_short_quantity else str(self.data)


class Needed:
    """The field must be filled in."""

    field_flags: Mapping[str, bool] = {"required": True}

    def __call__(self, _form: Form, field: Field) -> None:
        """Refuse an empty field; one that could not be read says so itself."""
        if field.data is None:
            raise StopValidation(None if field.process_errors else _("Please fill in this field."))


NEEDED = Needed()


def text_field(label: LazyString | str, limit: int, *validators: Needed) -> CellField:
    """Return a field of free text."""
    return CellField(label, partial(parse_text, max_length=limit), validators)


def day_field(label: LazyString | str, *validators: Needed, **options: Any) -> CellField:  # noqa: ANN401
    """Return a field of a day, chosen or typed."""
    return CellField(label, parse_day, validators, widget=DateInput(), **options)


def won_field(label: LazyString | str, *validators: Needed) -> CellField:
    """Return a field of an amount in won as people write it."""
    return CellField(label, parse_won, validators)


def number_field() -> CellField:
    """Return a hidden field that holds a number of the program."""
    return CellField("", parse_number, widget=HiddenInput())


def word_field(label: LazyString | str, words: type[W], default: W) -> SelectField:
    """Return a field to choose one word of a closed list."""
    return SelectField(label, choices=word_choices(words), coerce=words, default=default)


def word_choices(words: Iterable[Word]) -> list[SelectChoice]:
    """Return the words of a closed list to choose from."""
    return [SelectChoice(each.value, each.korean) for each in words]


def department_choices(rows: Sequence[DepartmentRow]) -> list[SelectChoice]:
    """Return departments to choose from by path; one that is no more has its last day beside it."""
    return [
        SelectChoice(str(row.id), f"{row.path} (~ {row.valid_to})" if row.valid_to else row.path)
        for row in rows
    ]


def department_field(label: LazyString | str) -> SelectField:
    """Return a field to choose the department whose budget it is."""
    return SelectField(label, [NEEDED], coerce=parse_number)


def offered(field: SelectField, own: Sequence[DepartmentRow]) -> list[SelectChoice]:
    """Return the departments a person writes for, with an empty choice as long as none is chosen."""
    return [*([NONE] if field.data is None else []), *department_choices(own)]


class FilterForm(FlaskForm):  # type: ignore[misc]
    """What the list shows; its fields are those of the address."""

    class Meta:
        """Nothing is changed here, so the address needs no token."""

        csrf = False

    text = text_field(_l("Item or contract"), 300)
    enterprise = text_field(_l("Enterprise or business number"), 200)
    department = SelectField(_l("Department"), default="")
    fiscal_year = IntegerField(_l("Accounting year"), [Optional(), NumberRange(1900, 2999)])
    start = day_field(_l("From"), name="from")
    end = day_field(_l("To"), name="to")
    kind = SelectField(_l("Kind"), choices=[ALL, *word_choices(Kind)], default="")
    type = SelectField(_l("Type"), default="")
    method = SelectField(
        _l("Contract method"),
        choices=[ALL, *word_choices(ContractMethod)],
        default="",
    )
    counted = SelectField(
        _l("Social economy"),
        choices=[ALL, SelectChoice("yes", _l("Counts")), SelectChoice("no", _l("Not counted"))],
        default="",
    )
    sort = word_field(_l("Order"), Sort, Sort.NEWEST)
    with_reversed = BooleanField(_l("Show reversed purchases"), false_values=("", "0"))
    enterprise_id = number_field()

    RARE = ("start", "end", "kind", "type", "method", "counted", "with_reversed")
    """The fields that wait behind a fold."""

    def fill_choices(self, departments: Sequence[DepartmentRow], types: Sequence[TypeRow]) -> None:
        """Offer the departments and types there are."""
        self.department.choices = [ALL, *department_choices(departments)]
        self.type.choices = [ALL, *(SelectChoice(row.code, row.name) for row in types)]

    def filter(self, departments: Sequence[DepartmentRow]) -> Filter:
        """Return what is asked for; a department stands for all below it too."""
        department = int(self.department.data) if self.department.data else None
        return Filter(
            text=self.text.data,
            fiscal_year=self.fiscal_year.data,
            start=self.start.data,
            end=self.end.data,
            department_ids=subtree_ids(department, list(departments)) if department else None,
            enterprise=self.enterprise.data,
            enterprise_id=self.enterprise_id.data,
            kind=Kind(self.kind.data) if self.kind.data else None,
            type=self.type.data or None,
            method=ContractMethod(self.method.data) if self.method.data else None,
            is_counted={"yes": True, "no": False}.get(self.counted.data),
            with_reversed=self.with_reversed.data,
        )

    def asked(self) -> dict[str, Any]:
        """Return the fields as they stand in an address; those that have a default even when empty."""
        asked = {
            field.name: "1" if field.data is True else str(field.data)
            for field in self
            if field.data and field.data != field.default
        }
        return {"department": "", "fiscal_year": ""} | asked

    @property
    def has_rare(self) -> bool:
        """Return whether one of the fields behind the fold is in use."""
        return any(self[name].data or self[name].errors for name in self.RARE)


class LateForm(ActForm):
    """An entry that may come after its period was closed; only then a reason is asked for."""

    late_reason = text_field(_l("Reason for entering it after the closing"), LONGEST_REASON)


class FactsForm(ActForm):
    """What a purchase says; fields have the names of its facts."""

    seen = HiddenField(validators=[Length(max=40)], default="")
    enterprise_id = number_field()
    choose = number_field()
    supplier = text_field(_l("Supplier"), 300, NEEDED)
    item = text_field(LABELS["item"], 300)
    amount = won_field(LABELS["amount"], NEEDED)
    tax = word_field(LABELS["tax"], Tax, Tax.UNKNOWN)
    contracted_on = day_field(LABELS["contracted_on"])
    kind = word_field(LABELS["kind"], Kind, Kind.UNCLASSIFIED)
    department_id = department_field(LABELS["department_id"])

    contract_name = text_field(LABELS["contract_name"], 500)
    contract_number = text_field(LABELS["contract_number"], 60)
    contracting_department_id = SelectField(LABELS["contracting_department_id"], coerce=parse_number)
    method = word_field(LABELS["method"], ContractMethod, ContractMethod.UNKNOWN)
    ground = text_field(LABELS["ground"], 300)
    quotations = IntegerField(LABELS["quotations"], [Optional(), NumberRange(0, MOST_QUOTATIONS)])
    estimated_price = won_field(LABELS["estimated_price"])
    law = word_field(LABELS["law"], GoverningLaw, GoverningLaw.UNKNOWN)
    procurement = word_field(LABELS["procurement"], Procurement, Procurement.UNKNOWN)
    channel = text_field(LABELS["channel"], 60)

    quantity = CellField(LABELS["quantity"], parse_short_quantity)
    unit = text_field(LABELS["unit"], 30)
    unit_price = won_field(LABELS["unit_price"])

    fiscal_year = CellField(LABELS["fiscal_year"], parse_year)
    budget_item = text_field(LABELS["budget_item"], 60)
    budget_kind = word_field(LABELS["budget_kind"], BudgetKind, BudgetKind.CURRENT)
    means = text_field(LABELS["means"], 60)
    directness = word_field(LABELS["directness"], Directness, Directness.DIRECT)
    nature = word_field(LABELS["nature"], Nature, Nature.PURCHASE)
    reference = text_field(LABELS["reference"], 200)
    note = text_field(LABELS["note"], 4_000)

    GROUPS: Sequence[tuple[LazyString, Sequence[str]]] = (
        (
            _l("The contract"),
            (
                "contract_name", "contract_number", "contracting_department_id", "method", "ground",
                "quotations", "estimated_price", "law", "procurement", "channel",
            ),
        ),
        (_l("Quantity"), ("quantity", "unit", "unit_price")),
        (
            _l("Budget and accounts"),
            (
                "fiscal_year", "budget_item", "budget_kind", "means", "directness", "nature",
                "reference", "note",
            ),
        ),
    )  # fmt: skip
    """The fields that wait behind a fold, by subject."""

    def offer_departments(self, own: Sequence[DepartmentRow], others: Sequence[DepartmentRow]) -> None:
        """Offer the departments a person writes for, and all as the one that signed."""
        self.department_id.choices = offered(self.department_id, own)
        self.contracting_department_id.choices = [NONE, *department_choices(others)]

    def settle_supplier(self, enterprise_id: int | None, label: str | None) -> None:
        """Let the form name this supplier."""
        for field, value in ((self.enterprise_id, enterprise_id), (self.supplier, label)):
            field.data, field.raw_data = value, None

    def facts_by(self, first_payment_on: date | None, before: Facts | None) -> Facts | None:
        """Return what is said, as far as it can be judged; None without supplier, department or date.

        An amount that is not there yet counts as nothing. What the form does not ask stays as it was before.
        """
        day = self.contracted_on.data or first_payment_on
        if not (day and self.enterprise_id.data and self.department_id.data):
            return None
        said = {name: self[name].data for name in FACT_NAMES if name in self}
        said |= {
            "amount": self.amount.data or 0,
            "purchased_on": day,
            "fiscal_year": self.fiscal_year.data or day.year,
        }
        return Facts(**{name: getattr(before, name) for name in FACT_NAMES} | said if before else said)

    @property
    def has_rare_errors(self) -> bool:
        """Return whether something behind the fold is wrong."""
        return any(self[name].errors for _subject, names in self.GROUPS for name in names)

    def _needs_day(self, first_payment_on: date | None) -> bool:
        if self.contracted_on.data or first_payment_on or self.contracted_on.errors:
            return False
        self.contracted_on.errors = [_("Give the contract date, or the payment date where there is none.")]
        return True


class NewPurchaseForm(FactsForm, LateForm):
    """A purchase to record."""

    paid_on = day_field(_l("Payment date"))

    def validate(self, extra_validators: object = None) -> bool:
        """Return whether all is well, and one of the two dates there."""
        is_valid = super().validate(extra_validators)
        return not self._needs_day(self.paid_on.data or self.paid_on.errors) and is_valid

    def draft(self) -> PurchaseDraft | None:
        """Return the purchase as far as it can be judged, paid as a whole where a payment date is given."""
        facts = self.facts_by(self.paid_on.data, None)
        if facts is None:
            return None
        if self.paid_on.data is None:
            return PurchaseDraft(facts=facts)
        whole = PaymentDraft(
            paid_on=self.paid_on.data,
            amount=facts.amount,
            fiscal_year=facts.fiscal_year,
            kind=PaymentKind.WHOLE,
        )
        return PurchaseDraft(facts=facts, payments=(whole,))


class PaymentRow(Form):  # type: ignore[misc]
    """A payment that stands already; emptied, it is taken out."""

    paid_on = day_field(_l("Payment date"))
    amount = won_field(_l("Amount"))
    fiscal_year = CellField(LABELS["fiscal_year"], parse_year)
    kind = word_field(_l("Kind of payment"), PaymentKind, PaymentKind.COMPLETION)

    def validate(self, extra_validators: object = None) -> bool:
        """Return whether it is whole, or empty."""
        is_valid = bool(super().validate(extra_validators))
        for field, other in ((self.paid_on, self.amount), (self.amount, self.paid_on)):
            if field.data is None and other.data is not None and not field.errors:
                field.errors = [_("Please fill in this field.")]
                is_valid = False
        return is_valid

    def payment(self) -> PaymentDraft | None:
        """Return the payment; None where it was emptied."""
        if self.paid_on.data is None or self.amount.data is None:
            return None
        return PaymentDraft(
            paid_on=self.paid_on.data,
            amount=self.amount.data,
            fiscal_year=self.fiscal_year.data or self.paid_on.data.year,
            kind=self.kind.data,
        )


class ReasonedForm(ActForm):
    """A change of what stands already: which version was seen, and why it is changed."""

    version = number_field()
    reason = text_field(_l("Reason"), LONGEST_REASON, NEEDED)


class CorrectionForm(ReasonedForm, FactsForm):
    """A purchase anew, with the payments it had when the form was opened."""

    def __init__(
        self,
        *arguments: Any,  # noqa: ANN401 - those of a WTForms form
        payments: Sequence[PaymentDraft],
        before: Facts,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*arguments, **options)
        formdata = arguments[0] if arguments else None
        self.before = before
        self.rows = [
            PaymentRow(formdata, prefix=f"payments-{place}-", obj=payment)
            for place, payment in enumerate(payments)
        ]

    def validate(self, extra_validators: object = None) -> bool:
        """Return whether all is well, payments included, and a date there."""
        is_valid = all([super().validate(extra_validators), *(row.validate() for row in self.rows)])
        return not self._needs_day(self._first_payment_on) and is_valid

    def draft(self) -> PurchaseDraft | None:
        """Return the corrected purchase, as far as it can be judged."""
        facts = self.facts_by(self._first_payment_on, self.before)
        payments = tuple(payment for row in self.rows if (payment := row.payment()))
        return PurchaseDraft(facts=facts, payments=payments) if facts else None

    @property
    def _first_payment_on(self) -> date | None:
        return min((payment.paid_on for row in self.rows if (payment := row.payment())), default=None)


class PaymentForm(LateForm):
    """A payment to add."""

    version = number_field()
    paid_on = day_field(_l("Payment date"), NEEDED)
    amount = won_field(_l("Amount"), NEEDED)
    kind = word_field(_l("Kind of payment"), PaymentKind, PaymentKind.COMPLETION)
    fiscal_year = CellField(LABELS["fiscal_year"], parse_year)

    def validate(self, extra_validators: object = None) -> bool:
        """Return whether all is well, and a return less than zero."""
        is_valid = bool(super().validate(extra_validators))
        if self.kind.data is PaymentKind.RETURN and (self.amount.data or 0) > 0:
            self.amount.errors = [_("A return lessens what was paid: write it with a minus sign.")]
            is_valid = False
        return is_valid

    def payment(self) -> PaymentDraft:
        """Return the payment of a valid form; an empty year is that of the date."""
        return PaymentDraft(
            paid_on=self.paid_on.data,
            amount=self.amount.data,
            fiscal_year=self.fiscal_year.data or self.paid_on.data.year,
            kind=self.kind.data,
        )


class ReversalForm(ReasonedForm):
    """A purchase to take out of all totals."""


class LinesForm(LateForm):
    """Several purchases at once; the grid itself is read by `purchases.lines`."""

    department_id = department_field(LABELS["department_id"])
    pasted = TextAreaField(_l("Cells copied from a spreadsheet"), default="")
    seen = HiddenField(validators=[Length(max=40)], default="")

    def offer_departments(self, own: Sequence[DepartmentRow]) -> None:
        """Offer the departments a person writes for."""
        self.department_id.choices = offered(self.department_id, own)


def parse_stated_kind(cell: Cell) -> Kind | None:
    """Return the kind; a word that says none is a mistake here, where its writer can mend it."""
    text = parse_text(cell, LONGEST_KIND)
    kind = parse_kind(text)
    if text and kind is Kind.UNCLASSIFIED and text != kind.korean:
        raise CellError("word_unknown")
    return kind if text else None


def _grid_column(column: Column) -> GridColumn:
    parse = GRID_PARSERS.get(column.field) or column.parse or partial(parse_text, max_length=column.limit)
    return GridColumn(
        field=column.field,
        heading=GRID_HEADINGS.get(column.field) or LABELS[column.field],
        parse=partial(read_cell, parse=parse),
        known_as=frozenset(map(normalise_heading, (column.heading, *column.synonyms))),
        choices=column.choices,
    )


GRID_PARSERS: Mapping[str, Parser] = {"kind": parse_stated_kind, "quantity": parse_short_quantity}
GRID_HEADINGS: Mapping[str, LazyString] = {
    "department": _l("Department"),
    "contracting_department": _l("Contracting department"),
    "business_number": _l("Business number"),
    "enterprise": _l("Supplier"),
    "paid_on": _l("Payment date"),
}
# Which revision of a contract a row is, only a file can say.
GRID_COLUMNS: Mapping[str, GridColumn] = {
    column.field: _grid_column(column)
    for column in PURCHASE_COLUMNS
    if column.field not in ("department_code", "contract_item", "amendment", "is_final", "purchase_number")
}
GRID_SHOWN = ("contracted_on", "enterprise", "item", "kind", "amount", "tax", "note")
