"""The business registration number (사업자등록번호): ten digits, the last a check digit."""

import re

_FULL_WIDTH = str.maketrans("０１２３４５６７８９－　", "0123456789- ")
_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)
_DAMAGED = re.compile(r"[0-9]+\.0*|[0-9](\.[0-9]+)?[eE]\+?[0-9]+|[0-9]{7,9}")


def normalise(text: str) -> str:
    """Return the ten digits; hyphens and blanks are dropped, full-width digits become plain ones.

    ValueError for anything else: a number that lost zeros or became a float is never repaired.
    """
    digits = re.sub(r"[-\s]", "", text.translate(_FULL_WIDTH))
    if not re.fullmatch(r"[0-9]{10}", digits):
        raise ValueError("A business registration number has ten digits, such as 123-45-67890.")
    return digits


def has_valid_checksum(number: str) -> bool:
    """Return whether the tenth digit of a normalised number is the check digit of the first nine."""
    digits = [int(digit) for digit in number]
    weighted = sum(digit * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))
    return (weighted + digits[8] * 5 // 10 + digits[9]) % 10 == 0


def format_number(number: str) -> str:
    """Return a normalised number as people read it: 123-45-67890."""
    return f"{number[:3]}-{number[3:5]}-{number[5:]}"


def looks_damaged(text: str) -> bool:
    """Return whether a spreadsheet seems to have made a float of the number or dropped its leading zeros."""
    return _DAMAGED.fullmatch(text.translate(_FULL_WIDTH).strip()) is not None


def is_sole_trader(number: str) -> bool:
    """Return whether a normalised number is that of a person (개인사업자), and so personal data.

    Source: 사업자등록번호 가운데 두 자리 (개인·법인 구분코드). 81 to 89 are corporations and other bodies.
    """
    return not 81 <= int(number[3:5]) <= 89
