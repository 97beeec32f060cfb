"""The closed word lists of the field: what is stored (English) and how offices write it (Korean)."""

from enum import StrEnum


class Word(StrEnum):
    """A stored word with the Korean term that people read."""

    korean: str

    def __new__(cls, value: str, korean: str = "") -> "Word":
        """Make the member equal to its stored value and remember its Korean term."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.korean = korean
        return member

    # Equal to its text, so it hashes as its text, too; and a sum by words hashes them by the million.
    __hash__ = str.__hash__


class Kind(Word):
    """구분: what was bought. Files that do not say so stay 미분류."""

    GOODS = "goods", "물품"
    SERVICES = "services", "용역"
    WORKS = "works", "공사"
    UNCLASSIFIED = "unclassified", "미분류"


class EvidenceKind(Word):
    """증빙: what a file kept with a purchase is."""

    CONTRACT = "contract", "계약서"
    QUOTATION = "quotation", "견적서"
    TAX_INVOICE = "tax_invoice", "세금계산서"
    INSPECTION = "inspection", "검수조서"
    PHOTO = "photo", "사진"
    OTHER = "other", "기타"


class Affiliation(Word):
    """소속: the office and its own agencies are one duty; corporations have their own."""

    OWN = "own", "본청·소속기관"
    AFFILIATED = "affiliated", "출자·출연기관"


class Basis(Word):
    """집계 기준: by contract or by payment."""

    CONTRACT = "contract", "계약"
    PAYMENT = "payment", "지출"


class Measure(Word):
    """Which purchases a total counts."""

    SOCIAL = "social", "사회적경제기업"
    CERTIFIED = "certified", "인증·지정 기업 전체"
    ALL = "all", "전체 구매"


class ContractMethod(Word):
    """계약방법."""

    NEGOTIATED = "negotiated", "수의계약"
    COMPETITIVE_BIDDING = "competitive_bidding", "일반경쟁"
    RESTRICTED_BIDDING = "restricted_bidding", "제한경쟁"
    NOMINATED_BIDDING = "nominated_bidding", "지명경쟁"
    NEGOTIATION_AFTER_BIDDING = "negotiation_after_bidding", "협상에 의한 계약"
    OTHER = "other", "기타"
    UNKNOWN = "unknown", "미상"


class Tax(Word):
    """과세: how value-added tax stands in the amount."""

    INCLUDED = "included", "과세 포함"
    EXCLUDED = "excluded", "과세 별도"
    EXEMPT = "exempt", "면세"
    ZERO_RATED = "zero_rated", "영세"
    UNKNOWN = "unknown", "미상"


class GoverningLaw(Word):
    """적용계약법: negotiated-contract limits are known for 지방계약법 only."""

    LOCAL = "local", "지방계약법"
    NATIONAL = "national", "국가계약법"
    UNKNOWN = "unknown", "미상"


class Procurement(Word):
    """조달방식: by the body itself or through the Public Procurement Service."""

    OWN = "own", "자체"
    CENTRAL = "central", "조달청 의뢰"
    UNKNOWN = "unknown", "미상"


class Directness(Word):
    """직접/간접: what contractors or subsidised projects buy is indirect and outside statutory totals."""

    DIRECT = "direct", "직접"
    INDIRECT = "indirect", "간접"


class Nature(Word):
    """거래성격: only a purchase (구매) counts; the rest is recorded and shown."""

    PURCHASE = "purchase", "구매"
    CONSIGNMENT = "consignment", "위탁"
    SUBSIDY = "subsidy", "보조"
    CONTRIBUTION = "contribution", "출연"


class BudgetKind(Word):
    """예산 구분: carried-over money belongs to the next year's books."""

    CURRENT = "current", "당해"
    EXPRESS_CARRYOVER = "express_carryover", "명시이월"
    ACCIDENTAL_CARRYOVER = "accidental_carryover", "사고이월"
    CONTINUING = "continuing", "계속비"


class PaymentKind(Word):
    """지출 구분; a return (반납·여입) is negative."""

    ADVANCE = "advance", "선금"
    PROGRESS = "progress", "기성"
    COMPLETION = "completion", "준공"
    UNIT_PRICE = "unit_price", "단가"
    RETURN = "return", "반납"
    WHOLE = "whole", "일괄"


class CertificationEventKind(Word):
    """Status events of a certification; the words differ by type (인증·지정·인가·인정·확인)."""

    GRANTED = "granted", "인증"
    RETURNED = "returned", "반납"
    CANCELLED = "cancelled", "취소"
    EXPIRED = "expired", "만료"
    CONVERTED = "converted", "전환"
    RENEWED = "renewed", "갱신"


class AbsenceDecision(Word):
    """What a person found out about a certification that a list no longer has."""

    STILL_VALID = "still_valid", "계속 유효"
    CANCELLED = "cancelled", "취소"
    RETURNED = "returned", "반납"
    EXPIRED = "expired", "만료"


class DeadlineKind(Word):
    """기한: what is due on a day; a notice is the minister's own, to be looked for."""

    SUBMISSION = "submission", "제출"
    INTERNAL = "internal", "내부마감"
    NOTICE = "notice", "공고 확인"


class Role(Word):
    """역할: what an account may do."""

    CLERK = "clerk", "부서 담당자"
    STAFF = "staff", "사회적경제팀"
    AUDITOR = "auditor", "감사"
    ADMIN = "admin", "관리자"


class ReportState(Word):
    """What a frozen report is good for; the mark inside the document stays what it was when frozen."""

    PROVISIONAL = "provisional", "잠정"
    UNCONFIRMED = "unconfirmed", "확정 대기"
    CONFIRMED = "confirmed", "확정"
    SUPERSEDED = "superseded", "대체됨"
