"""Names and spreadsheet headings in the form in which they are compared."""

import re
import unicodedata

_COMPANY_FORMS = re.compile(
    r"[㈜㈱㈲㈔]|[(（](?:주|유|사|재|합|자)[)）]"
    r"|주식회사|유한책임회사|유한회사|합자회사|합명회사|사단법인|재단법인"
)
_PROVINCE = re.compile(
    r"(?:서울|부산|대구|인천|광주|대전|울산|세종)(?:특별자치시|특별시|광역시|시)?"
    r"|(?:경기|강원|전북|제주)(?:특별자치도|도)?|(?:충청|전라|경상)[남북]도|충북|충남|전남|경북|경남"
)
_UNIT = re.compile(r"[(\[（［](?:단위[:：].*?|원|천원|만원|백만원|억원|%|％)[)\]）］]")
_BRACKETS = re.compile(r"[()\[\]（）［］]")


def normalise_name(name: str) -> str:
    """Return the name for matching and search: NFC, lower case, no blanks, no company form (㈜, (유) …).

    협동조합 and the like stay: they tell enterprises apart. A name that is but a company form stays whole.
    """
    compact = _compact(name)
    return _COMPANY_FORMS.sub("", compact) or compact


def county_of(address: str) -> tuple[str, str] | None:
    """Return province and county of an address, None where it does not begin with them.

    서울특별시, 서울시 and 서울 are one, so are 충청북도 and 충북.
    """
    words = unicodedata.normalize("NFC", address).split()
    if len(words) < 2 or not _PROVINCE.fullmatch(words[0]):
        return None
    province = words[0][0] + words[0][2] if words[0][:2] in ("충청", "전라", "경상") else words[0][:2]
    return province, words[1]


def normalise_heading(text: str) -> str:
    """Return the heading for recognition: NFC, lower case, no blanks, no unit such as (원) or (단위: 천원).

    Other brackets go, what stands in them stays: 계약(납품요구)일자 becomes 계약납품요구일자.
    """
    return _BRACKETS.sub("", _UNIT.sub("", _compact(text)))


def _compact(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).lower().split())
