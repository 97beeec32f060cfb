"""A report as open contracting data (OCDS 1.1.5): a release for each purchase of its annex.

Everything comes from the frozen content. Local additions: the schemes `KR-TRACKER-*` (made up here: kinds of
purchases and types of certification have no public code list), certification as a classification of the
supplier by the extension "Organization classification", and `notes` of the package: what the report lacks.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from tracker.core.vocabulary import ContractMethod, Kind
from tracker.reports.models import Snapshot
from tracker.reports.requests import Content
from tracker.reports.suppliers import OPAQUE_SCHEME, PUBLIC_SCHEME
from tracker.reports.texts import UNREGISTERED_PREFIX, texts_of

VERSION = "1.1"
EXTENSION = (
    "https://raw.githubusercontent.com/open-contracting-extensions/"
    "ocds_organizationClassification_extension/1.1/extension.json"
)
KIND_SCHEME, TYPE_SCHEME = "KR-TRACKER-KIND", "KR-TRACKER-CERTIFICATION"
INSTITUTION = "institution"
PERSON = "개인사업자 등(상호 비공개)"
HIDDEN = "○○○"
METHODS = {
    ContractMethod.NEGOTIATED: "direct",
    ContractMethod.COMPETITIVE_BIDDING: "open",
    ContractMethod.RESTRICTED_BIDDING: "selective",
    ContractMethod.NOMINATED_BIDDING: "limited",
    ContractMethod.NEGOTIATION_AFTER_BIDDING: "open",
}
CATEGORIES = {Kind.GOODS.korean: "goods", Kind.SERVICES.korean: "services", Kind.WORKS.korean: "works"}
# What annexes hold since reports are given as open data.
FROZEN_SINCE = ("supplier", "method", "contract_number", "contracted_on", "quantity", "unit")
LACKING = (
    "이 보고서는 사업자등록번호·계약방법·계약번호·계약일·수량을 담지 않던 때에 만들어졌습니다. "
    "공급자는 이름 없이 보고서 안의 번호로만 구분됩니다."
)
UNREGISTERED = "ocid의 접두어는 이 기관에서 임의로 정한 것으로, 등록된 것이 아닙니다."


def write_releases(snapshot: Snapshot) -> bytes:
    """Return the release package, the same bytes every time; its contracts add up to the report's total."""
    package = build_package(json.loads(snapshot.content), snapshot.sha256)
    return json.dumps(package, ensure_ascii=False, indent=1).encode()


def build_package(content: Content, sha256: str) -> Content:
    """Return the release package of a frozen report."""
    moment = content["basis"]["frozen_at"]
    purchases = _by_purchase(content["annex"])
    notes = []
    if any(name not in lines[0] for lines in purchases for name in FROZEN_SINCE):
        notes.append(LACKING)
    if texts_of(content).ocid_prefix == UNREGISTERED_PREFIX:
        notes.append(UNREGISTERED)
    return {
        "uri": f"urn:sha256:{sha256}",
        "version": VERSION,
        "extensions": [EXTENSION],
        "publishedDate": moment,
        "publisher": {"name": content["institution"]},
        "notes": notes,
        "releases": [_release(content, lines, sha256, moment) for lines in purchases],
    }


def _by_purchase(annex: Iterable[Content]) -> list[list[Content]]:
    """Return the lines of each purchase: its payments where the report counts by payment."""
    found: dict[int, list[Content]] = {}
    for line in annex:
        found.setdefault(line["id"], []).append(line)
    return list(found.values())


def _release(content: Content, lines: Sequence[Content], sha256: str, moment: str) -> Content:
    line = lines[0]
    ocid = f"{texts_of(content).ocid_prefix}-{line['id']}"
    supplier, buyer = _supplier(content, line), {"id": INSTITUTION, "name": content["institution"]}
    department = {"id": f"department-{line['department_key']}", "name": line["department"]}
    reference = {"id": supplier["id"], "name": supplier["name"]}
    value = {"amount": sum(each["amount"] for each in lines), "currency": "KRW"}
    items, title = [_item(line)], _hide(line["contract_name"] or line["item"] or "", line)
    category = {"mainProcurementCategory": CATEGORIES[line["kind"]]} if line["kind"] in CATEGORIES else {}
    return {
        "ocid": ocid,
        "id": f"{ocid}-{sha256[:12]}",
        "date": moment,
        "tag": ["contract"],
        "initiationType": "tender",
        "language": "ko",
        "parties": [
            buyer | {"roles": ["buyer"]},
            department | {"roles": ["procuringEntity"]},
            supplier | {"roles": ["supplier"]},
        ],
        "buyer": buyer,
        "tender": {
            "id": f"{ocid}-tender",
            **_filled(title=title),
            "procuringEntity": department,
            **_method(line),
            **category,
        },
        "awards": [
            {
                "id": f"{ocid}-award",
                "status": "active",
                **_filled(title=title),
                "value": value,
                "suppliers": [reference],
            }
        ],
        "contracts": [
            {
                "id": f"{ocid}-contract",
                "awardID": f"{ocid}-award",
                "status": "active",
                **_filled(title=title, description=_contract_number(line)),
                "value": value,
                "dateSigned": _moment(line.get("contracted_on") or line["day"]),
                "items": items,
            }
        ],
    }


def _supplier(content: Content, line: Content) -> Content:
    # The oldest reports do not even tell which purchases were one supplier's.
    mark = line.get("enterprise_key") or f"purchase-{line['id']}"
    scheme, identifier, name = OPAQUE_SCHEME, f"report-{mark}", PERSON
    if "supplier" in line:
        identifier = line["supplier"].removeprefix(f"{OPAQUE_SCHEME}-")
    if not _is_hidden(line):
        scheme, name = PUBLIC_SCHEME, line["enterprise"]
        identifier = line["supplier"].removeprefix(f"{PUBLIC_SCHEME}-")
    types = {row["key"]: row["label"] for row in content.get("by_type", ())}
    classes = [
        {"scheme": TYPE_SCHEME, "id": code, "description": types.get(code, code)} for code in line["types"]
    ]
    return {
        "id": f"{scheme}-{identifier}",
        "name": name,
        "identifier": {"scheme": scheme, "id": identifier},
        **({"details": {"classifications": classes}} if classes else {}),
    }


def _item(line: Content) -> Content:
    kind = next((each for each in Kind if each.korean == line["kind"]), Kind.UNCLASSIFIED)
    return {
        "id": "1",
        **_filled(description=_hide(line["item"] or line["contract_name"] or "", line)),
        "classification": {"scheme": KIND_SCHEME, "id": str(kind), "description": kind.korean},
        **_filled(quantity=_number(line.get("quantity"))),
        **({"unit": {"name": line["unit"]}} if line.get("unit") else {}),
    }


def _contract_number(line: Content) -> str | None:
    number = line.get("contract_number")
    return f"계약번호 {number}" if number else None


def _method(line: Content) -> Content:
    if "method" not in line:
        return {}
    method = ContractMethod(line["method"])
    return _filled(procurementMethod=METHODS.get(method)) | {"procurementMethodDetails": method.korean}


def _is_hidden(line: Content) -> bool:
    return not line.get("supplier", "").startswith(f"{PUBLIC_SCHEME}-")


def _hide(text: str, line: Content) -> str:
    """Return a text without the supplier's name, where that must not be told."""
    return text.replace(line["enterprise"], HIDDEN) if _is_hidden(line) else text


def _moment(day: str) -> str:
    return f"{date.fromisoformat(day).isoformat()}T00:00:00+09:00"


def _number(text: str | None) -> int | float | None:
    if text is None:
        return None
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else float(number)


def _filled(**values: Any) -> Content:  # noqa: ANN401 - as JSON has it
    """Return what has a value: OCDS leaves out what is not known."""
    return {name: value for name, value in values.items() if value not in (None, "")}
