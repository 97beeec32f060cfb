"""What was changed of an enterprise, by whom and when, as the audit trail tells it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _

from tracker.audit.queries import history_of
from tracker.core.vocabulary import AbsenceDecision, CertificationEventKind
from tracker.enterprises.queries import CertificationRow
from tracker.enterprises.services import PERSONAL_FIELDS
from tracker.enterprises.wording import ACTIONS, LABELS, say_value
from tracker.web.filters import day as say_day

PAGE = 20


class Change(NamedTuple):
    """One act on an enterprise: its title, and line by line what it did."""

    sequence: int
    at: datetime
    who: str
    title: str
    lines: list[str]


def list_changes(
    enterprise_id: int,
    certifications: Sequence[CertificationRow],
    type_names: Mapping[str, str],
    before: int | None = None,
) -> tuple[list[Change], bool]:
    """Return the latest acts on an enterprise (before that one), and whether there are earlier ones."""
    rows = history_of("enterprise", enterprise_id, before=before, limit=PAGE + 1)
    names = {row.certificate.id: row.label for row in certifications}
    changes = [
        Change(
            row.sequence,
            row.at,
            row.actor,
            str(ACTIONS.get(row.action, row.action)),
            list(_lines(row.body, names, type_names)),
        )
        for row in rows[:PAGE]
    ]
    return changes, len(rows) > PAGE


def _lines(
    body: Mapping[str, Any], certifications: Mapping[int | None, str], type_names: Mapping[str, str]
) -> Iterator[str]:
    """Yield what the body of an event says, in words; of personal fields only the name."""
    if "certification" in body and "after" not in body:
        yield certifications.get(body["certification"], "–")
    if "product" in body and "changes" in body:
        yield body["name"]
    facts = body.get("after") or body.get("before") or {}
    said = [name for name in LABELS if facts.get(name) is not None]
    if said:
        yield " · ".join(f"{LABELS[name]} {say_value(name, facts[name], type_names)}" for name in said)
    for name, change in body.get("changes", {}).items():
        if name in PERSONAL_FIELDS:
            yield _("%(field)s: changed (personal values are not kept in the trail)", field=LABELS[name])
        else:
            old, new = (say_value(name, value, type_names) for value in change)
            yield f"{LABELS[name]}: {old} → {new}"
    if "kind" in body:
        yield f"{CertificationEventKind(body['kind']).korean} {say_day(date.fromisoformat(body['on']))}"
        if body["note"]:
            yield body["note"]
    if "decision" in body:
        listed_on = say_day(date.fromisoformat(body["edition_day"]))
        yield (
            _("Not in the list as of %(day)s:", day=listed_on)
            + f" {AbsenceDecision(body['decision']).korean}"
        )
        if body["note"]:
            yield body["note"]
    if "basis_points" in body:
        issued_on = say_day(date.fromisoformat(body["issued_on"]))
        yield _("%(share)s %%, issued on %(day)s", share=f"{body['basis_points'] / 100:.2f}", day=issued_on)
