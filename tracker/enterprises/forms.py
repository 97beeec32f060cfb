"""What a person types about enterprises: searches, facts, certifications, products, shares."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from wtforms import DecimalField, Field, Form, HiddenField, IntegerField, SelectField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional
from wtforms.widgets import DateInput, TextArea

from tracker.audit.forms import ActForm
from tracker.core import business_number
from tracker.core.money import Won, format_won
from tracker.core.vocabulary import AbsenceDecision, CertificationEventKind
from tracker.enterprises.catalogue import ProductFilter, ProductSort
from tracker.enterprises.doubts import Doubt, Unsure
from tracker.enterprises.editions import ENDINGS
from tracker.enterprises.listing import Filter, Sort
from tracker.enterprises.queries import list_types
from tracker.enterprises.services import CertificationDraft, EnterpriseDraft, ProductDraft
from tracker.enterprises.wording import LABELS
from tracker.imports.cells import CellError, parse_day, parse_text, parse_won
from tracker.imports.reading import Cell
from tracker.purchases.forms import (
    ALL,
    NEEDED,
    CellField,
    Needed,
    day_field,
    say_fault,
    text_field,
    word_choices,
)
from tracker.web.filters import NOTHING
from tracker.web.filters import day as say_day
from tracker.web.requests import LARGEST_KEY, is_number

FILL_IN = _l("Please fill in this field.")
LONGEST_SEARCH, LONGEST_TEXT = 100, 2_000
ANY, VALID = "", "valid"
CHOOSE = SelectChoice("", _l("Please choose"))


def parse_price(cell: Cell) -> Won | None:
    """Return a price in won, none below zero."""
    price = parse_won(cell)
    if price is not None and price < 0:
        raise ValueError(_("A price is not below zero."))
    return price


def parse_number(cell: Cell) -> str | None:
    """Return the ten digits of a business registration number. Error: number_unreadable."""
    typed = parse_text(cell, LONGEST_SEARCH)
    try:
        return business_number.normalise(typed) if typed else None
    except ValueError:
        raise CellError("number_unreadable") from None


def line(name: str, limit: int, *validators: Needed, **options: Any) -> CellField:  # noqa: ANN401
    """Return the field of a line of text."""
    return CellField(LABELS[name], partial(parse_text, max_length=limit), validators, **options)


def paragraph(label: LazyString, limit: int = LONGEST_TEXT, *validators: Needed) -> CellField:
    """Return the field of several lines of text."""
    options = {"widget": TextArea(), "render_kw": {"rows": 3}}
    return CellField(label, partial(parse_text, max_length=limit), validators, **options)


class NumberField(CellField):
    """A business registration number, with hyphens or without."""

    def _value(self) -> str:
        return business_number.format_number(self.data) if self.data else super()._value()


class PriceField(CellField):
    """A price in whole won, with commas or without."""

    def _value(self) -> str:
        return super()._value() if self.data is None else format_won(self.data)


class SearchForm(FlaskForm):  # type: ignore[misc]
    """A question in the address: it changes nothing, so it needs no token."""

    class Meta:
        """Nothing is changed here."""

        csrf = False

    after = IntegerField(validators=[Optional(), NumberRange(1, LARGEST_KEY)])

    def asked(self) -> dict[str, str]:
        """Return the fields as they stand in an address, those left empty or as usual left out."""
        return {
            field.name: str(field.data)
            for field in self
            if field is not self.after and field.data not in (None, field.default or "")
        }


class EnterpriseSearch(SearchForm):
    """Which enterprises to show."""

    q = text_field(_l("Name or business number"), LONGEST_SEARCH)
    product = text_field(_l("What it sells"), LONGEST_SEARCH)
    type = SelectField(_l("Type"), default="")
    region = text_field(_l("Region (address)"), LONGEST_SEARCH)
    state = SelectField(
        _l("Certification"),
        choices=[SelectChoice(ANY, _l("All")), SelectChoice(VALID, _l("Valid on the day"))],
        default=ANY,
    )
    day = day_field(_l("Day"))
    sort = SelectField(
        _l("Order"),
        choices=[
            SelectChoice(Sort.NAME.value, _l("By name")),
            SelectChoice(Sort.CERTIFIED.value, _l("Newest certification")),
            SelectChoice(Sort.BOUGHT.value, _l("Our purchases this year")),
        ],
        default=Sort.NAME.value,
    )

    def fill_choices(self) -> None:
        """Offer the types there are."""
        self.type.choices = [ALL, *(SelectChoice(row.code, row.name) for row in list_types())]

    def wanted(self, today: date) -> Filter:
        """Return what is looked for."""
        return Filter(
            text=self.q.data,
            product=self.product.data,
            type=self.type.data or None,
            region=self.region.data,
            valid_on=(self.day.data or today) if self.state.data == VALID else None,
        )


class ProductSearch(SearchForm):
    """Which products to show; those of certified enterprises unless all are asked for."""

    q = text_field(_l("Product or category code"), LONGEST_SEARCH)
    type = SelectField(_l("Type"), default="")
    state = SelectField(
        _l("Certification"),
        choices=[SelectChoice(VALID, _l("Valid on the day")), SelectChoice("all", _l("All"))],
        default=VALID,
    )
    day = day_field(_l("Day"))
    region = text_field(_l("Region (address)"), LONGEST_SEARCH)
    max_price = PriceField(_l("Unit price up to"), parse_price)
    sort = SelectField(
        _l("Order"),
        choices=[
            SelectChoice(ProductSort.NAME.value, _l("By name")),
            SelectChoice(ProductSort.PRICE.value, _l("Lowest price")),
        ],
        default=ProductSort.NAME.value,
    )
    enterprise = IntegerField(validators=[Optional(), NumberRange(1, LARGEST_KEY)])

    def fill_choices(self) -> None:
        """Offer the types there are."""
        self.type.choices = [ALL, *(SelectChoice(row.code, row.name) for row in list_types())]

    def wanted(self, today: date) -> ProductFilter:
        """Return what is looked for."""
        return ProductFilter(
            text=self.q.data,
            type=self.type.data or None,
            region=self.region.data,
            valid_on=(self.day.data or today) if self.state.data == VALID else None,
            max_price=self.max_price.data,
            enterprise_id=self.enterprise.data,
        )


class RecordForm(ActForm):
    """A form that changes what is kept of an enterprise.

    `version` is that of the record it was opened with; `seen` what a person has been shown and agreed to.
    """

    version = HiddenField()
    seen = HiddenField()

    def agree(self, doubts: Sequence[Doubt]) -> None:
        """Raise Unsure unless a person was shown these and sent the form again."""
        read, self.seen.data = self.seen.data, "; ".join(doubt.mark for doubt in doubts)
        if doubts and read != self.seen.data:
            raise Unsure(doubts)


class EnterpriseForm(RecordForm):
    """The facts of an enterprise."""

    name = line("name", 200, NEEDED)
    business_number = NumberField(
        LABELS["business_number"],
        parse_number,
        description=_l("Ten digits. Leave it empty only where it is not known."),
        render_kw={"inputmode": "numeric", "placeholder": "123-45-67890"},
    )
    address = line("address", 300)
    representative = line(
        "representative",
        100,
        description=_l("Representative and phone are shown to the team and the auditor only."),
    )
    phone = line("phone", 60, render_kw={"inputmode": "tel"})
    homepage = line("homepage", 300)
    items = paragraph(LABELS["items"])

    def draft(self) -> EnterpriseDraft:
        """Return the facts of valid fields."""
        return EnterpriseDraft(
            name=self.name.data or "",
            business_number=self.business_number.data,
            representative=self.representative.data,
            address=self.address.data,
            phone=self.phone.data,
            homepage=self.homepage.data,
            items=self.items.data,
        )


class CertificationForm(RecordForm):
    """One certification."""

    type = SelectField(LABELS["type"], [DataRequired(FILL_IN)])
    subtype = line("subtype", 60, description=_l("Such as regional or ministerial, where the type has any."))
    number = line("number", 100)
    authority = line("authority", 100)
    valid_from = CellField(
        LABELS["valid_from"],
        parse_day,
        widget=DateInput(),
        description=_l("Without a first day it proves nothing."),
    )
    valid_to = CellField(
        LABELS["valid_to"], parse_day, widget=DateInput(), description=_l("Empty means open-ended.")
    )

    def fill_choices(self) -> None:
        """Offer the types there are."""
        self.type.choices = [CHOOSE, *(SelectChoice(row.code, row.name) for row in list_types())]

    def validate_valid_to(self, field: Field) -> None:
        """Refuse a certification that ends before it begins."""
        if field.data and self.valid_from.data and field.data < self.valid_from.data:
            raise ValidationError(say_fault("dates_reversed"))

    def draft(self) -> CertificationDraft:
        """Return the certification of valid fields."""
        return CertificationDraft(
            type=self.type.data,
            subtype=self.subtype.data,
            number=self.number.data,
            authority=self.authority.data,
            valid_from=self.valid_from.data,
            valid_to=self.valid_to.data,
        )


class StatusForm(RecordForm):
    """What became of a certification."""

    kind = SelectField(
        _l("What happened"),
        [DataRequired(FILL_IN)],
        choices=[CHOOSE, *word_choices(CertificationEventKind)],
    )
    happened_on = day_field(_l("Date"), NEEDED)
    note = paragraph(_l("Note"), 500)


class AbsenceForm(RecordForm):
    """What became of a certification that a list no longer has."""

    decision = SelectField(
        _l("What you found out"), [DataRequired(FILL_IN)], choices=[CHOOSE, *word_choices(AbsenceDecision)]
    )
    happened_on = day_field(
        _l("Date"),
        description=_l("Of a cancellation, a return or an expiry; leave it empty where it is still valid."),
    )
    note = paragraph(_l("Note"), 500)

    def validate_happened_on(self, field: Field) -> None:
        """Refuse an ending without its day, and a day of what did not end."""
        is_ending = self.decision.data in {each.value for each in ENDINGS}
        if is_ending and field.data is None:
            raise ValidationError(FILL_IN)
        if field.data and self.decision.data == AbsenceDecision.STILL_VALID:
            raise ValidationError(_("Leave the date empty where the certification is still valid."))


class AbsencesForm(AbsenceForm):
    """What became of several certifications; `chosen` and `shown` hold the numbers of their absences."""

    note = paragraph(_l("Reason (the same for all)"), 500, NEEDED)

    def chosen(self) -> list[int]:
        """Return what was ticked, all that the page showed where that was; what is no number is left out."""
        sent = request.form.getlist("shown" if "all" in request.form else "chosen")
        return sorted({int(each) for each in sent if is_number(each)})


class ShareForm(RecordForm):
    """A certified share of vulnerable workers."""

    percent = DecimalField(
        _l("Share of vulnerable workers (%%)"),
        [InputRequired(FILL_IN), NumberRange(0, 100)],
        places=2,
        description=_l("As the certificate says, such as 31.25."),
        render_kw={"inputmode": "decimal"},
    )
    issuer = text_field(_l("Issued by"), 100)
    issued_on = day_field(_l("Issued on"), NEEDED)

    @property
    def share(self) -> Decimal:
        """Return the share as a fraction."""
        return Decimal(self.percent.data) / 100


class ProductForm(RecordForm):
    """One product."""

    name = line("name", 200, NEEDED)
    category_code = line(
        "category_code", 20, description=_l("The goods classification number, such as 44120000.")
    )
    unit = line("unit", 20, description=_l("Such as box, piece or month."))
    unit_price = PriceField(LABELS["unit_price"], parse_price, render_kw={"inputmode": "numeric"})
    description = paragraph(LABELS["description"])

    def draft(self) -> ProductDraft:
        """Return the product of valid fields."""
        return ProductDraft(
            name=self.name.data or "",
            category_code=self.category_code.data,
            unit=self.unit.data,
            unit_price=self.unit_price.data,
            description=self.description.data,
        )


class Difference(NamedTuple):
    """A field in which what was typed is not what stands there now."""

    label: str
    stored: str
    typed: str


def differences(typed: Form, stored: Form) -> list[Difference]:
    """Return where two forms of one kind differ, in the words of the page."""
    return [
        Difference(str(field.label.text), _said(stored[field.name]), _said(field))
        for field in typed
        if not isinstance(field, HiddenField) and field.data != stored[field.name].data
    ]


def _said(field: Field) -> str:
    if field.data in (None, ""):
        return NOTHING
    if isinstance(field, SelectField):
        return next((str(each.label) for each in field.choices if each.value == field.data), field.data)
    if isinstance(field, NumberField | PriceField):
        return field._value()
    return say_day(field.data) if isinstance(field.data, date) else str(field.data)
