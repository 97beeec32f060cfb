"""The shapes of what is sent and answered; amounts are whole won, rates and quantities text."""

from enum import StrEnum
from functools import partial
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from tracker.api.fields import (
    BusinessNumber,
    Choice,
    Day,
    Flag,
    Key,
    Quantity,
    Text,
    Whole,
    Won,
    Year,
    say_problem,
)
from tracker.core.vocabulary import (
    Basis,
    BudgetKind,
    CertificationEventKind,
    ContractMethod,
    Directness,
    GoverningLaw,
    Kind,
    Measure,
    Nature,
    PaymentKind,
    Procurement,
    ReportState,
    Tax,
)
from tracker.enterprises import listing as enterprise_listing
from tracker.purchases.listing import Sort
from tracker.reports.requests import ReportKind, ReportScope
from tracker.totals.questions import FIRST_DAY, LAST_DAY, By

MOST_PARTS = 500
MOST_DIGITS = 6

AskedText = partial(Text, allow_none=True)
AskedYear = partial(Whole, FIRST_DAY.year, LAST_DAY.year, is_in_address=True)
AskedDay = partial(Day, FIRST_DAY.year, LAST_DAY.year)
AskedKey = partial(Key, is_in_address=True)


def at_most(number: int) -> validate.Length:
    """Return the check that a list is not longer."""
    return validate.Length(max=number, error=_l("Send at most {max} at once."))


class Shape(Schema):
    """An object whose faults are told in the reader's language."""

    error_messages = {  # noqa: RUF012 - as in the library
        "unknown": _l("This field is not known here."),
        "type": _l("Write an object with named fields."),
    }


class Refusal(Shape):
    """Why a request was refused: a word that stays, a sentence, and what is wrong by field."""

    code = fields.String(required=True)
    message = fields.String(required=True)
    faults = fields.Dict(required=True, data_key="fields")


class Stored(Shape):
    """What is kept, by its number, in the version that a change of it has to name."""

    id = fields.Integer(required=True)
    version = fields.Integer(required=True)


class ListShape(Shape):
    """A page of a list; `next` is the `after` of the page that follows, null on the last."""

    next = fields.Integer(required=True, allow_none=True)


class AskedDepartment(Shape):
    """Only this department and those below it: by name, code or path, or by number."""

    department = AskedText(300)
    department_id = AskedKey()


# Enterprises


class EnterpriseQuery(Shape):
    """text: part of name or business number; region: part of the address; valid_on: certified on that day."""

    text = AskedText(200)
    product = AskedText(200)
    type = AskedText(60)
    region = AskedText(100)
    valid_on = AskedDay()
    sort = Choice(enterprise_listing.Sort, load_default=enterprise_listing.Sort.NAME)
    after = AskedKey()


class EnterpriseRow(Shape):
    """types: those in which a purchase of today would count. A sole trader's number may be hidden."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    business_number = BusinessNumber(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)
    types = fields.List(fields.String(), required=True)


class EnterpriseList(ListShape):
    """A page of enterprises, and how many are found."""

    items = fields.List(fields.Nested(EnterpriseRow), required=True)
    number = fields.Integer(required=True)


class StatusEvent(Shape):
    """What became of a certification."""

    kind = Choice(CertificationEventKind)
    happened_on = fields.Date()
    note = fields.String(allow_none=True)


class NewCertification(Shape):
    """A certification; the type by code or name, an empty end as open."""

    type = Text(60, required=True)
    subtype = Text(60, allow_none=True)
    number = Text(100, allow_none=True)
    authority = Text(100, allow_none=True)
    valid_from = Day(1950, LAST_DAY.year, allow_none=True)
    valid_to = Day(1950, LAST_DAY.year, allow_none=True)

    @validates_schema
    def check_days(self, said: dict[str, Any], **_options: Any) -> None:  # noqa: ANN401
        """Refuse a certification that ends before it begins."""
        start, end = said.get("valid_from"), said.get("valid_to")
        if start and end and end < start:
            raise ValidationError(say_problem("dates_reversed"), "valid_to")


class Certification(NewCertification):
    """A certification with how it stands today and what became of it."""

    id = fields.Integer()
    type_name = fields.String()
    standing = fields.String()
    events = fields.List(fields.Nested(StatusEvent))


class Product(Shape):
    """What an enterprise sells, its price in won."""

    name = Text(200, required=True)
    category_code = Text(20, allow_none=True)
    unit = Text(20, allow_none=True)
    unit_price = Won(allow_none=True)
    description = Text(2_000, allow_none=True)


class EnterpriseFacts(Shape):
    """What is registered of an enterprise."""

    name = Text(200, required=True)
    business_number = BusinessNumber(allow_none=True)
    address = Text(300, allow_none=True)
    homepage = Text(300, allow_none=True)
    items = Text(2_000, allow_none=True)
    representative = Text(100, allow_none=True)
    phone = Text(60, allow_none=True)


class NewEnterprise(EnterpriseFacts):
    """An enterprise to register, with what it holds and sells."""

    certifications = fields.List(fields.Nested(NewCertification), load_default=list, validate=at_most(50))
    products = fields.List(fields.Nested(Product), load_default=list, validate=at_most(MOST_PARTS))


class EnterpriseDetailQuery(Shape):
    """personal: show the representative and the phone too, which is recorded."""

    personal = Flag(load_default=False)


class Enterprise(EnterpriseFacts, Stored):
    """An enterprise; representative and phone are null unless asked for by one who may see them."""

    types = fields.List(fields.String(), required=True)
    certifications = fields.List(fields.Nested(Certification), required=True)
    products = fields.List(fields.Nested(Product), required=True)
    warnings = fields.List(fields.String())


# Purchases


class PurchaseQuery(AskedDepartment):
    """text: part of item, contract name or number; counted: whether it counts as social economy."""

    text = AskedText(300)
    enterprise = AskedText(200)
    enterprise_id = AskedKey()
    fiscal_year = AskedYear()
    start = AskedDay(data_key="from")
    end = AskedDay(data_key="to")
    kind = Choice(Kind)
    type = AskedText(60)
    method = Choice(ContractMethod)
    counted = Flag()
    with_reversed = Flag(load_default=False)
    sort = Choice(Sort, load_default=Sort.NEWEST)
    after = AskedKey()


class PurchaseRow(Shape):
    """One purchase in a list; types: those in which it counts; reason: why, or why not."""

    id = fields.Integer(required=True)
    fiscal_year = fields.Integer(required=True)
    purchased_on = fields.Date(required=True)
    department_id = fields.Integer(required=True)
    department = fields.String(required=True)
    enterprise_id = fields.Integer(required=True)
    enterprise = fields.String(required=True)
    business_number = BusinessNumber(required=True, allow_none=True)
    item = fields.String(required=True, allow_none=True)
    kind = Choice(Kind, required=True)
    contract_name = fields.String(required=True, allow_none=True)
    contract_number = fields.String(required=True, allow_none=True)
    method = Choice(ContractMethod, required=True)
    amount = fields.Integer(required=True)
    tax = Choice(Tax, required=True)
    directness = Choice(Directness, required=True)
    nature = Choice(Nature, required=True)
    reason = fields.String(required=True)
    is_social = fields.Boolean(required=True)
    is_certified = fields.Boolean(required=True)
    is_counted = fields.Boolean(required=True)
    is_reversed = fields.Boolean(required=True)
    types = fields.List(fields.String(), required=True)
    note = fields.String(required=True, allow_none=True)


class FoundPurchases(Shape):
    """How many purchases stand and what they add up to; reversed ones add nothing."""

    number = fields.Integer(required=True)
    amount = fields.Integer(required=True)
    reversed_number = fields.Integer(required=True)


class PurchaseList(ListShape):
    """A page of purchases, and what all that are found add up to."""

    items = fields.List(fields.Nested(PurchaseRow), required=True)
    found = fields.Nested(FoundPurchases, required=True)


class Payment(Shape):
    """One payment; a return is negative. Without a year it stands in the books of its date."""

    paid_on = Day(required=True)
    amount = Won(required=True)
    kind = Choice(PaymentKind, load_default=PaymentKind.COMPLETION)
    fiscal_year = Year()

    @validates_schema
    def check_sign(self, said: dict[str, Any], **_options: Any) -> None:  # noqa: ANN401
        """Refuse a return that adds to what was paid."""
        if said["kind"] is PaymentKind.RETURN and said["amount"] > 0:
            raise ValidationError(_("A return lessens what was paid: write it with a minus sign."), "amount")


class NewPayment(Payment):
    """A payment to add to the purchase in the version that was seen."""

    version = Key(required=True)
    late_reason = Text(300)


class Facts(Shape):
    """What a purchase says; what is left out stays as it is, or unknown."""

    department_id = Key()
    enterprise_id = Key()
    amount = Won()
    contracted_on = Day(allow_none=True)
    fiscal_year = Year()
    contracting_department_id = Key(allow_none=True)
    item = Text(300, allow_none=True)
    kind = Choice(Kind)
    contract_name = Text(500, allow_none=True)
    contract_number = Text(60, allow_none=True)
    contract_item = Text(20, allow_none=True)
    amendment = Whole(0, 9_999, allow_none=True)
    quantity = Quantity(allow_none=True)
    unit = Text(30, allow_none=True)
    unit_price = Won(allow_none=True)
    estimated_price = Won(allow_none=True)
    tax = Choice(Tax)
    law = Choice(GoverningLaw)
    method = Choice(ContractMethod)
    ground = Text(300, allow_none=True)
    quotations = Whole(0, 99, allow_none=True)
    procurement = Choice(Procurement)
    channel = Text(60, allow_none=True)
    means = Text(60, allow_none=True)
    budget_item = Text(60, allow_none=True)
    budget_kind = Choice(BudgetKind)
    directness = Choice(Directness)
    nature = Choice(Nature)
    reference = Text(200, allow_none=True)
    note = Text(4_000, allow_none=True)


class NewPurchase(Facts):
    """A purchase to record; with `paid_on` it is paid as a whole on that day.

    late_reason: why it comes only now, where the period is closed for the department.
    """

    department_id = Key(required=True)
    enterprise_id = Key(required=True)
    amount = Won(required=True)
    paid_on = Day()
    late_reason = Text(300)
    payments = fields.List(fields.Nested(Payment), validate=at_most(MOST_PARTS))

    @validates_schema
    def check_payments(self, said: dict[str, Any], **_options: Any) -> None:  # noqa: ANN401
        """Refuse what names one payment date and payments as well."""
        if "paid_on" in said and "payments" in said:
            raise ValidationError(_("Give either the one payment date or the payments."), "payments")


class Reasoned(Shape):
    """Which version was seen, and why it is changed."""

    version = Key(required=True)
    reason = Text(300, required=True)


class Correction(Facts, Reasoned):
    """The facts to change; `payments`, where given, replaces all of them."""

    payments = fields.List(fields.Nested(Payment), validate=at_most(MOST_PARTS))


class Verdict(Shape):
    """Whether the purchase counts in one type, and why, as it was judged."""

    type = fields.String(required=True)
    is_eligible = fields.Boolean(required=True)
    reason = fields.String(required=True)
    message = fields.String(required=True)


class Revision(Shape):
    """What the purchase said from this revision on; changes: each fact before and after."""

    number = fields.Integer(required=True)
    reason = fields.String(required=True)
    actor = fields.String(required=True)
    recorded_at = fields.DateTime(required=True)
    facts = fields.Nested(Facts, required=True)
    changes = fields.Dict(keys=fields.String(), values=fields.List(fields.Raw()), required=True)


class Purchase(Facts, Stored):
    """A purchase as it stands now, with its payments, verdicts and history."""

    purchased_on = fields.Date(required=True)
    department = fields.String(required=True)
    contracting_department = fields.String(required=True, allow_none=True)
    enterprise = fields.String(required=True)
    business_number = BusinessNumber(required=True, allow_none=True)
    is_reversed = fields.Boolean(required=True)
    is_social = fields.Boolean(required=True)
    is_certified = fields.Boolean(required=True)
    is_counted = fields.Boolean(required=True)
    reason = fields.String(required=True)
    types = fields.List(fields.String(), required=True)
    payments = fields.List(fields.Nested(Payment), required=True)
    verdicts = fields.List(fields.Nested(Verdict), required=True)
    revisions = fields.List(fields.Nested(Revision), required=True)
    warnings = fields.List(fields.String())


class Conflict(Refusal):
    """Somebody else changed it: what was sent, and the purchase as it stands now."""

    yours = fields.Dict(required=True)
    current = fields.Nested(Purchase, required=True)


class ClosedPeriod(Shape):
    """A period that is closed for a department."""

    department = fields.String(required=True)
    start = fields.Date(required=True, data_key="from")
    end = fields.Date(required=True, data_key="to")


class PeriodClosed(Refusal):
    """The purchase date lies in closed periods; with a late_reason the purchase goes in, marked."""

    closed = fields.List(fields.Nested(ClosedPeriod), required=True)


# Totals and reports


class TotalsQuery(AskedDepartment):
    """As `tracker totals` asks; explain: with the purchases behind every figure."""

    year = AskedYear(required=True)
    against = AskedYear()
    start = AskedDay(data_key="from")
    end = AskedDay(data_key="to")
    same_period = AskedDay()
    of = Choice(Measure, load_default=Measure.SOCIAL)
    basis = Choice(Basis, load_default=Basis.CONTRACT)
    by = Choice(By, load_default=By.DEPARTMENT)
    type = AskedText(60)
    digits = Whole(0, MOST_DIGITS, is_in_address=True, load_default=1)
    explain = Flag(load_default=False)


class Days(Shape):
    """The days that one side stands for."""

    start = fields.Date(required=True, data_key="from")
    end = fields.Date(required=True, data_key="to")
    year = fields.Integer(required=True)


class TotalRow(Shape):
    """A figure against last year's; note: new, none or no_data where there is no growth."""

    key = fields.String(required=True)
    label = fields.String(required=True)
    current = fields.Integer(required=True)
    prior = fields.Integer(required=True, allow_none=True)
    difference = fields.Integer(required=True, allow_none=True)
    growth = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    count = fields.Integer(required=True)
    no_data = fields.List(fields.String(), required=True)


class Totals(Shape):
    """The table: rows add up to the total, except where they overlap (by type)."""

    period = fields.Nested(Days, required=True)
    against = fields.Nested(Days, required=True)
    by = Choice(By, required=True)
    of = Choice(Measure, required=True)
    basis = Choice(Basis, required=True)
    type = fields.String(required=True, allow_none=True)
    department = fields.Integer(required=True, allow_none=True)
    rows_overlap = fields.Boolean(required=True)
    rows = fields.List(fields.Nested(TotalRow), required=True)
    total = fields.Nested(TotalRow, required=True)
    purchases = fields.List(fields.Dict())


class RatesBy(StrEnum):
    """For whom rates are told beside the institution's."""

    DEPARTMENT = "department"


class RatesQuery(AskedDepartment):
    """As `tracker rates` asks; by: rows for each department too."""

    year = AskedYear(required=True)
    scheme = AskedText(40)
    by = Choice(RatesBy)


class RateRow(Shape):
    """A rate of a scheme and kind, of the institution or of one department; null is unknown, not 0.

    rate and target are in percent with two digits, attainment in percent with one.
    """

    scheme = fields.String(required=True)
    scheme_name = fields.String(required=True)
    kind = fields.String(required=True, metadata={"description": "A kind, or all of them together."})
    kind_name = fields.String(required=True)
    department = fields.String()
    department_id = fields.Integer()
    numerator = fields.Integer(required=True, allow_none=True)
    denominator = fields.Integer(required=True, allow_none=True)
    rate = fields.String(required=True, allow_none=True)
    target = fields.String(required=True, allow_none=True)
    target_amount = fields.Integer(required=True, allow_none=True)
    attainment = fields.String(required=True, allow_none=True)
    rule_year = fields.Integer(required=True)


class Rates(Shape):
    """The rates of a year."""

    year = fields.Integer(required=True)
    rows = fields.List(fields.Nested(RateRow), required=True)


class NewReport(AskedDepartment):
    """A report to freeze; with from and to the year is a label only."""

    year = Whole(1901, LAST_DAY.year, required=True)
    kind = Choice(ReportKind, load_default=ReportKind.ANNUAL)
    start = AskedDay(data_key="from")
    end = AskedDay(data_key="to")
    scope = Choice(ReportScope, load_default=ReportScope.STATUTORY)
    department_id = Key()
    scheme = fields.String(metadata={"description": "The code of a scheme, for a report on one."})
    enterprise_id = Key()
    one_offs = fields.List(
        fields.String(),
        load_default=(),
        metadata={"description": "One-off items to tell the rate without, as NAME=#PURCHASE or NAME=ITEM."},
    )


class ReportRow(Shape):
    """A frozen report in the list."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    fiscal_year = fields.Integer(required=True)
    title = fields.String(required=True)
    sha256 = fields.String(required=True)
    frozen_at = fields.DateTime(required=True)


class ReportList(Shape):
    """All frozen reports, the earliest first."""

    items = fields.List(fields.Nested(ReportRow), required=True)


class Created(Shape):
    """The number of a frozen report and the SHA-256 of its content."""

    id = fields.Integer(required=True)
    sha256 = fields.String(required=True)


class Difference(Shape):
    """What a purchase adds to, or takes from, today's figure against the report's."""

    purchase = fields.Integer(required=True)
    amount = fields.Integer(required=True)
    change = fields.String(required=True)


class ReportStep(Shape):
    """A step in the life of a report; superseded_by is the number of the report in its place."""

    state = fields.Enum(ReportState, by_value=True, required=True)
    actor = fields.String(required=True, data_key="by")
    taken_at = fields.DateTime(required=True, data_key="at")
    reason = fields.String(required=True, allow_none=True)
    successor_id = fields.Integer(required=True, allow_none=True, data_key="superseded_by")


class Verification(Created):
    """Whether the report is what was frozen, what it is good for, and what changed in the ledger since.

    The state is null where the report is not intact.
    """

    state = fields.Enum(ReportState, by_value=True, required=True, allow_none=True)
    steps = fields.List(fields.Nested(ReportStep), required=True)
    is_intact = fields.Boolean(required=True, data_key="intact")
    faults = fields.List(fields.String(), required=True)
    differences = fields.List(fields.Nested(Difference), required=True)
    difference = fields.Integer(required=True)
    prior_difference = fields.Integer(required=True, allow_none=True)
