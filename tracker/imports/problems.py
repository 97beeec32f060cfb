"""What can be wrong with a file or one of its rows: every code, its severity and its words in one table."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from tracker.imports.reading import UnreadableFile


class Severity(StrEnum):
    """An error keeps its row out, a warning goes in with it."""

    ERROR = "error"
    WARNING = "warning"


class ProblemKind(NamedTuple):
    """One kind of problem; `message` names parameters as %(name)s."""

    severity: Severity
    message: LazyString


ERROR, WARNING = Severity.ERROR, Severity.WARNING

KINDS: dict[str, ProblemKind] = {
    # The file as a whole.
    "header_not_found": ProblemKind(
        ERROR, _("No row of headings was found. Compare the file with the entry sheet.")
    ),
    "column_missing": ProblemKind(
        ERROR, _("The column “%(column)s” is missing. Add it, or name the heading as in the entry sheet.")
    ),
    "unit_contradicts": ProblemKind(
        ERROR,
        _(
            "Row %(first_row)s says that these amounts are in %(first)s, row %(second_row)s that they are in "
            "%(second)s. Let the file name one unit."
        ),
    ),
    "no_rows": ProblemKind(ERROR, _("There is no row below the headings.")),
    "names_in_titles": ProblemKind(
        ERROR,
        _(
            "These are notices: they name enterprises only in titles and attachments. Enter each return or "
            "cancellation on the enterprise's own page."
        ),
    ),
    # Cells.
    "cell_missing": ProblemKind(ERROR, _("This cell must be filled in.")),
    "cell_ignored": ProblemKind(WARNING, _("This value cannot be read here and was left out.")),
    "amount_unreadable": ProblemKind(ERROR, _("This is no amount. Write whole won, such as 1,234,000.")),
    "amount_fraction": ProblemKind(ERROR, _("The amount is not in whole won.")),
    "amount_too_large": ProblemKind(ERROR, _("The amount is above %(limit)s won.")),
    "date_unreadable": ProblemKind(ERROR, _("This is no date. Write it as 2026-03-15.")),
    "date_impossible": ProblemKind(ERROR, _("There is no such day.")),
    "date_out_of_range": ProblemKind(ERROR, _("This date is too far from today to be right.")),
    "year_unreadable": ProblemKind(ERROR, _("This is no year. Write it as 2026.")),
    "month_unreadable": ProblemKind(ERROR, _("This is no month. Write a number from 1 to 12.")),
    "amendment_unreadable": ProblemKind(ERROR, _("This is no amendment number. Write it as 00, 01, 02.")),
    "word_unknown": ProblemKind(ERROR, _("This word is not known here. Choose one from the entry sheet.")),
    "text_too_long": ProblemKind(ERROR, _("This text is longer than %(limit)s characters. Shorten it.")),
    "resident_number": ProblemKind(
        ERROR, _("This looks like a resident registration number, which is not kept here. Remove it.")
    ),
    "dates_reversed": ProblemKind(ERROR, _("The certification ends before it begins.")),
    # Who.
    "department_unknown": ProblemKind(
        ERROR, _("There is no such department. The closest names: %(closest)s.")
    ),
    "department_ambiguous": ProblemKind(
        ERROR, _("Several departments have this name. Write one of these: %(candidates)s.")
    ),
    "department_not_yours": ProblemKind(
        ERROR, _("You may enter only for your own department and those below it. Take this row out.")
    ),
    "enterprise_unknown": ProblemKind(ERROR, _("This enterprise is not registered. Register it first.")),
    "enterprise_ambiguous": ProblemKind(
        ERROR,
        _(
            "Which enterprise is this? %(candidates)s. Write its business registration number; if it is "
            "another one without a number, register it with its address first."
        ),
    ),
    "number_unreadable": ProblemKind(
        ERROR, _("A business registration number has ten digits, as in 123-45-67890.")
    ),
    "number_checksum": ProblemKind(
        WARNING, _("The check digit of this business registration number is wrong.")
    ),
    "number_damaged": ProblemKind(
        WARNING,
        _("The spreadsheet seems to have damaged this business registration number; it was not used."),
    ),
    "name_differs": ProblemKind(WARNING, _("The enterprise with this number is registered as “%(name)s”.")),
    "name_with_note": ProblemKind(
        WARNING,
        _(
            "The name holds a note on a change or closure. Look whether the certification still holds, and "
            "correct the name on the enterprise's page."
        ),
    ),
    "namesake": ProblemKind(
        WARNING, _("An enterprise of the same name is registered without number; a new one was made.")
    ),
    # What the purchase says.
    "kind_unknown": ProblemKind(WARNING, _("Goods, services or works? It was entered as unclassified.")),
    "year_mismatch": ProblemKind(WARNING, _("The fiscal year %(year)s is not the year of the date %(day)s.")),
    "duplicate_likely": ProblemKind(
        WARNING, _("Row %(row)s says the same. If it is one purchase, %(amount)s won are counted twice.")
    ),
    "revision_gap": ProblemKind(
        WARNING, _("The amendment before this one is %(known)s: amendments between them are missing.")
    ),
    "revision_ambiguous": ProblemKind(
        ERROR, _("Several purchases stand under this contract and item number: %(purchases)s.")
    ),
    "recorded_differs": ProblemKind(
        ERROR,
        _(
            "Purchase %(number)s says something else. Correct it in the program, or empty the number where "
            "the row is another purchase."
        ),
    ),
    "period_closed": ProblemKind(
        ERROR,
        _("The period %(period)s is closed for %(department)s. Give a reason to enter it after closing."),
    ),
    "entered_late": ProblemKind(
        WARNING, _("The period %(period)s is closed for %(department)s: marked as entered after closing.")
    ),
    "sum_differs": ProblemKind(
        WARNING,
        _(
            "“%(label)s”: the file states a sum of %(stated)s won here, but the rows it covers add up to "
            "%(sum)s won."
        ),
    ),
    # What its judgement says.
    "not_certified": ProblemKind(WARNING, _("The enterprise held no valid certification on %(day)s.")),
    "expired": ProblemKind(WARNING, _("The enterprise's certification no longer held on %(day)s.")),
    "limit_exceeded": ProblemKind(
        WARNING,
        _(
            "%(price)s won (%(basis)s) is above the limit of %(limit)s won for a negotiated contract "
            "(%(article)s)."
        ),
    ),
    # Certifications.
    "type_unknown": ProblemKind(ERROR, _("There is no such type of certification. Known are: %(types)s.")),
    "type_missing": ProblemKind(
        ERROR, _("Which type of certification is this? Write it in the row, or choose it for the whole list.")
    ),
    "type_contradicts": ProblemKind(
        ERROR, _("This is a list of type %(listed)s, but %(chosen)s was chosen. Choose that type, or none.")
    ),
    "status_unknown": ProblemKind(WARNING, _("This status is not known and was left out.")),
    "status_undated": ProblemKind(ERROR, _("Since when? Give the date of the return or cancellation.")),
    "unusual_term": ProblemKind(
        WARNING, _("Certifications of this type usually hold for up to %(years)s years; this one differs.")
    ),
    # A list of departments.
    "department_known": ProblemKind(WARNING, _("This department is there already; it stays as it is.")),
    "department_repeated": ProblemKind(ERROR, _("Row %(row)s names the same department. Keep one of them.")),
    "code_taken": ProblemKind(ERROR, _("“%(name)s” has this code. Give each department a code of its own.")),
    # A list of accounts.
    "department_needed": ProblemKind(
        ERROR, _("A clerk enters purchases for a department. Write the department's name.")
    ),
    "login_unusable": ProblemKind(
        ERROR, _("A login has 2 to 60 characters: letters a–z, digits, dot, hyphen, underscore.")
    ),
    "login_repeated": ProblemKind(ERROR, _("Row %(row)s has the same login. Each person needs one alone.")),
    "login_taken": ProblemKind(ERROR, _("This login has an account already. Take this row out.")),
    # The yearly plan.
    "scheme_unknown": ProblemKind(ERROR, _("There is no such scheme. Known are: %(schemes)s.")),
    # Total spending.
    "figure_replaced": ProblemKind(WARNING, _("This figure replaces %(amount)s won entered before.")),
}


class Problem(NamedTuple):
    """A problem at its cell: the row as the spreadsheet shows it, the heading, and the value found there."""

    row: int | None
    column: str | None
    value: str | None
    code: str
    parameters: Mapping[str, object] = {}

    @property
    def severity(self) -> Severity:
        """Return whether it keeps the row out."""
        return KINDS[self.code].severity

    @property
    def message(self) -> str:
        """Return it in the reader's language; whole numbers among the parameters are won."""
        words = {
            name: f"{value:,}" if isinstance(value, int) else str(value)
            for name, value in self.parameters.items()
        }
        return str(KINDS[self.code].message) % words


UNREADABLE: dict[str, LazyString] = {
    "cell_too_long": _("Row %(row)s holds a cell of more than %(limit)s characters."),
    "corrupt": _("The file is damaged. Open it in the spreadsheet program and save it again."),
    "crashed": _("The file could not be read. Save it as XLSX and try again."),
    "destroyed_text": _("Text in row %(row)s was destroyed before the file came here. Export it again."),
    "empty": _("The file is empty."),
    "encoding_unknown": _("The file's characters cannot be read. Save it as CSV in UTF-8, or as XLSX."),
    "html_in_disguise": _("This is a web page, not a spreadsheet. Open it in Excel and save it as XLSX."),
    "no_rows": _("The file holds no rows."),
    "no_such_sheet": _("There is no sheet “%(sheet)s”."),
    "not_a_spreadsheet": _("This is no spreadsheet. Save it as XLSX or CSV."),
    "out_of_memory": _("The file needs too much memory. Split it."),
    "password_protected": _("The file is protected by a password. Save it without one."),
    "quote_unclosed": _("A quotation mark that opens in or after row %(row)s never closes."),
    "timeout": _("Reading the file took too long. Split it, or save it again."),
    "too_large": _("The file is larger than %(limit)s bytes. Split it."),
    "too_many_columns": _("The file has more than %(limit)s columns."),
    "too_many_rows": _("The file has more than %(limit)s rows. Split it."),
    "zip_bomb": _("The file would unpack to far more than a spreadsheet holds."),
}


def explain_unreadable(error: UnreadableFile) -> str:
    """Return in the reader's language why a file is refused as a whole."""
    return str(UNREADABLE[error.code]) % error.parameters
