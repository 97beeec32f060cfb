"""Names and spreadsheet headings in the form in which they are compared."""

import re
import unicodedata

_COMPANY_FORMS = re.compile(
    r"[㈜㈱㈲㈔]|[(（](?:주|유|사|재|합|자)[)）]"
    r"|주식회사|유한책임회사|유한회사|합자회사|합명회사|사단법인|재단법인"
)
_UNIT = re.compile(r"[(\[（［](?:단위[:：].*?|원|천원|만원|백만원|억원|%|％)[)\]）］]")
_BRACKETS = re.compile(r"[()\[\]（）［］]")


def normalise_name(name: str) -> str:
    """Return the name for matching and search: NFC, lower case, no blanks, no company form (㈜, (유) …).

    협동조합 and the like stay: they tell enterprises apart. A name that is but a company form stays whole.
    """
    compact = _compact(name)
    return _COMPANY_FORMS.sub("", compact) or compact


def normalise_heading(text: str) -> str:
    """Return the heading for recognition: NFC, lower case, no blanks, no unit such as (원) or (단위: 천원).

    Other brackets go, what stands in them stays: 계약(납품요구)일자 becomes 계약납품요구일자.
    """
    return _BRACKETS.sub("", _UNIT.sub("", _compact(text)))


def _compact(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).lower().split())
