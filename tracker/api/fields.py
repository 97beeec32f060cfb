"""Values as they stand in JSON and in addresses; what cannot be taken is told in the words that files get."""

import re
from contextlib import suppress
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from marshmallow import ValidationError, fields, validate

from tracker.accounts.permissions import Act, may
from tracker.core import business_number
from tracker.core.money import MAX_WON
from tracker.core.vocabulary import Word
from tracker.imports.cells import FIRST_YEAR, LAST_YEAR, CellError, parse_quantity, parse_text
from tracker.imports.problems import Problem
from tracker.imports.reading.rows import to_cell
from tracker.web.requests import LARGEST_KEY

LONGEST_QUANTITY = 30
NO_NUMBER = _l("This is no whole number from {min} to {max}.")


def say_problem(code: str, **parameters: object) -> str:
    """Return what is wrong, in the words that a file's rows get."""
    return Problem(None, None, None, code, parameters).message


class Told(fields.Field[Any]):
    """A field that says how a value is read and shown, and tells its faults in the reader's language."""

    default_error_messages: dict[str, Any] = {  # noqa: RUF012 - as in the library
        "required": _l("Please fill in this field."),
        "null": _l("Please fill in this field."),
        "invalid": _l("This value cannot be taken. Compare it with /api/v1/openapi.json."),
        "type": _l("Write an object with named fields."),
    }

    def read(self, value: Any) -> Any:  # noqa: ANN401
        """Return the value as the program keeps it. ValidationError where it cannot be taken."""
        return super()._deserialize(value, None, None)

    def show(self, value: Any) -> Any:  # noqa: ANN401
        """Return the value as it stands in JSON."""
        return super()._serialize(value, None, None)

    def _deserialize(self, value: Any, *_where: Any, **_options: Any) -> Any:  # noqa: ANN401
        return self.read(value)

    def _serialize(self, value: Any, *_where: Any, **_options: Any) -> Any:  # noqa: ANN401
        return None if value is None else self.show(value)


class Text(Told, fields.String):
    """Free text without control characters, empty as none; resident registration numbers are refused."""

    def __init__(self, limit: int, **options: Any) -> None:  # noqa: ANN401 - those of a field
        super().__init__(metadata={"maxLength": limit}, **options)
        self.limit = limit

    def read(self, value: object) -> str | None:
        """Return the text as a cell of a file is read."""
        if not isinstance(value, str):
            raise ValidationError(_("This is no text. Write it in quotation marks."))
        text = read_text(value, self.limit)
        if text is None and not self.allow_none:
            raise self.make_error("required")
        return text


class Whole(Told, fields.Integer):
    """A whole number: bare in JSON, of plain digits in an address."""

    def __init__(self, low: int, high: int, *, is_in_address: bool = False, **options: Any) -> None:  # noqa: ANN401
        super().__init__(validate=validate.Range(low, high, error=NO_NUMBER), **options)
        self.low, self.high, self.is_in_address = low, high, is_in_address

    def read(self, value: object) -> int:
        """Return the number; True is none, and 1.0 neither."""
        if self.is_in_address and isinstance(value, str) and re.fullmatch("-?[0-9]{1,18}", value):
            return int(value)
        if type(value) is not int:
            raise ValidationError(str(NO_NUMBER).format(min=self.low, max=self.high))
        return value


class Day(Told, fields.Date):
    """A day, written 2026-03-15."""

    def __init__(self, first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self.years = range(first_year, last_year + 1)

    def read(self, value: object) -> date:
        """Return the day."""
        if not isinstance(value, str) or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise ValidationError(say_problem("date_unreadable"))
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise ValidationError(say_problem("date_impossible")) from None
        if day.year not in self.years:
            raise ValidationError(say_problem("date_out_of_range"))
        return day

    def show(self, value: date) -> str:
        """Return the day as ISO text."""
        return value.isoformat()


class Choice(Told, fields.Enum[Any]):
    """One word of a closed list, by what is stored."""

    def __init__(self, words: type[StrEnum], **options: Any) -> None:  # noqa: ANN401
        said = ", ".join(f"{word} {word.korean}" for word in words if isinstance(word, Word))
        metadata = {"description": said} if said else {}
        super().__init__(words, by_value=fields.String, metadata=metadata, **options)

    def read(self, value: object) -> StrEnum:
        """Return the word."""
        try:
            word: StrEnum = self.enum(value)
        except ValueError:
            raise ValidationError(_("Choose one of: %(words)s.", words=self.choices_text)) from None
        return word

    def show(self, value: StrEnum) -> str:
        """Return what is stored."""
        return str(value)


class Quantity(Told, fields.String):
    """A quantity, written as text for the sake of its decimals."""

    def read(self, value: object) -> Decimal | None:
        """Return the quantity as a cell of a file is read."""
        if isinstance(value, str):
            with suppress(CellError):
                return parse_quantity(read_text(value, LONGEST_QUANTITY))
        raise ValidationError(_('This is no quantity. Write it as text, such as "12.5".'))

    def show(self, value: Decimal) -> str:
        """Return it without exponent."""
        return f"{value:f}"


class BusinessNumber(Told, fields.String):
    """A business registration number; that of a sole trader is shown to those who may see personal data."""

    def read(self, value: object) -> str:
        """Return the ten digits."""
        if isinstance(value, str):
            with suppress(ValueError):
                return business_number.normalise(value)
        raise ValidationError(say_problem("number_unreadable"))

    def show(self, value: str) -> str | None:
        """Return the ten digits, or None where they are personal data."""
        return show_number(value)


class Flag(Told, fields.Boolean):
    """Yes or no."""

    def show(self, value: bool) -> bool:
        """Return it as it is."""
        return value


Won = partial(Whole, -MAX_WON, MAX_WON)
Year = partial(Whole, FIRST_YEAR, LAST_YEAR)
Key = partial(Whole, 1, LARGEST_KEY)


def read_text(value: str, limit: int) -> str | None:
    """Return the text as a cell of a file is read. ValidationError where it cannot be kept."""
    try:
        return parse_text(to_cell(value), limit)
    except CellError as error:
        raise ValidationError(say_problem(error.code, **error.parameters)) from None


def show_number(number: str | None) -> str | None:
    """Return the business number for the reader: a sole trader's is personal data."""
    if number and business_number.is_sole_trader(number) and not may(current_user, Act.READ_PERSONAL):
        return None
    return number
