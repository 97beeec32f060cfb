"""How a supplier is identified outside this institution: by its number, or by nothing that tells a person."""

import hashlib
import hmac
from collections.abc import Collection

from sqlalchemy import select

from tracker.core.business_number import is_sole_trader
from tracker.enterprises.models import Enterprise
from tracker.extensions import audit_key, chunks, db

# 사업자등록번호. Sole traders' numbers are personal data: theirs is a mark that only this instance can make.
PUBLIC_SCHEME, OPAQUE_SCHEME = "KR-BRN", "X-OPAQUE"
OPAQUE_DIGITS = 20


def identify_suppliers(enterprise_ids: Collection[int]) -> dict[int, str]:
    """Return scheme and identifier of each supplier, as `KR-BRN-1234567890`.

    One without a number may be a person: nothing says that it is not, so it is told like one.
    """
    return {
        enterprise_id: f"{OPAQUE_SCHEME}-{_mark(number or f'enterprise {enterprise_id}')}"
        if number is None or is_sole_trader(number)
        else f"{PUBLIC_SCHEME}-{number}"
        for run in chunks(enterprise_ids)
        for enterprise_id, number in db.session.execute(
            select(Enterprise.id, Enterprise.business_number).where(Enterprise.id.in_(run))
        )
    }


def _mark(text: str) -> str:
    """Return the same mark for the same supplier in all reports; the key stands in the instance folder."""
    return hmac.new(audit_key(), f"supplier {text}".encode(), hashlib.sha256).hexdigest()[:OPAQUE_DIGITS]
