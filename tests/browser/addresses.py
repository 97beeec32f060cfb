"""Every page of the program, read from its table of routes, with addresses that lead to something."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from flask import Flask
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute
from werkzeug.routing import Rule

from tests.conftest import build_test_app
from tracker.accounts.access import OPEN_ENDPOINTS
from tracker.accounts.models import User
from tracker.departments.models import Succession
from tracker.enterprises.models import (
    Absence,
    Certification,
    CertificationEvent,
    Product,
    VulnerableShare,
)
from tracker.evidence.models import Evidence
from tracker.extensions import db
from tracker.imports.models import ImportBatch, LearntLayout
from tracker.jobs.models import Job
from tracker.purchases.models import Purchase
from tracker.reports.models import Indicator, ReportScan, Snapshot
from tracker.reports.requests import ReportKind
from tracker.rounds.models import Round
from tracker.spending.models import Spending
from tracker.targets.models import Deadline, PlannedPurchase

# What pages are asked that show nothing of themselves.
QUESTIONS = {"reports.differences": "?to={later_id}", "reports.supersede": "?by={later_id}"}


class Place(NamedTuple):
    """A page: its endpoint and an address of it."""

    endpoint: str
    address: str


def places_of(instance: Path) -> list[Place]:
    """Return a place for every route that a browser can open, on this instance."""
    app = build_test_app(instance)
    with app.app_context():
        found = sorted(_places(app))
        db.session.remove()
        db.engine.dispose()
    return found


def _places(app: Flask) -> Iterator[Place]:
    samples = find_samples()
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in OPEN_ENDPOINTS or _is_for_machines(rule):
            continue
        if not rule.arguments <= samples.keys():
            continue
        values = {name: samples[name] for name in rule.arguments}
        if "absence_id" in values:
            values["enterprise_id"] = samples["missed_id"]
        built = rule.build(values)
        assert built, rule
        question = QUESTIONS.get(rule.endpoint, "").format_map(samples)
        yield Place(rule.endpoint, f"{built[1]}{question}")


def _is_for_machines(rule: Rule) -> bool:
    return rule.rule.startswith("/api/") or rule.endpoint.endswith(("static", "purchases.check"))


def find_samples() -> dict[str, int | str]:
    """Return something that is there for each parameter of an address; those of one address fit together."""
    enterprise_id = db.session.scalars(
        select(VulnerableShare.enterprise_id)
        .join(Product, Product.enterprise_id == VulnerableShare.enterprise_id)
        .join(Certification, Certification.enterprise_id == VulnerableShare.enterprise_id)
        .join(CertificationEvent, CertificationEvent.certification_id == Certification.id)
    ).first()
    succession = db.session.scalars(select(Succession)).first()
    figure = db.session.scalars(select(Spending).where(Spending.replaced_at.is_(None))).first()
    assert enterprise_id
    assert succession
    assert figure
    event = db.session.scalars(
        select(CertificationEvent)
        .join(Certification, Certification.id == CertificationEvent.certification_id)
        .where(Certification.enterprise_id == enterprise_id)
    ).one()
    absence = db.session.scalars(select(Absence)).first()
    assert absence
    annual, sheets = (
        db.session.scalars(select(Snapshot.id).where(Snapshot.kind == kind).order_by(Snapshot.id)).all()
        for kind in (ReportKind.ANNUAL, ReportKind.DEPARTMENT)
    )
    return {
        "enterprise_id": enterprise_id,
        "event_id": event.id,
        "certification_id": event.certification_id,
        "product_id": _newest(Product.id, Product.enterprise_id == enterprise_id),
        "record_id": _newest(VulnerableShare.id, VulnerableShare.enterprise_id == enterprise_id),
        "department_id": succession.predecessor_id,
        "successor_id": succession.successor_id,
        "fiscal_year": figure.fiscal_year,
        "spending_id": figure.id,
        "purchase_id": _newest(Purchase.id, Purchase.version > 1, ~Purchase.is_reversed),
        "batch_id": _newest(ImportBatch.id),
        "report_id": annual[0],
        "later_id": annual[-1],
        "scan_id": _newest(ReportScan.id),
        "indicator_id": _newest(Indicator.id),
        "first": sheets[0],
        "last": sheets[-1],
        "numbers": f"{sheets[0]}-{sheets[-1]}",
        "edition_id": absence.edition_id,
        "absence_id": absence.id,
        "missed_id": db.session.get_one(Certification, absence.certification_id).enterprise_id,
        "layout_id": _newest(LearntLayout.id),
        "name": "own-purchases",
        "job_id": _newest(Job.id),
        "round_id": _newest(Round.id),
        "account_id": _newest(User.id),
        "evidence_id": _newest(Evidence.id, Evidence.version > 1),
        "scheme": "social_economy",
        "deadline_id": _newest(Deadline.id),
        "line_id": _newest(PlannedPurchase.id),
    }


def _newest(column: InstrumentedAttribute[int], *conditions: ColumnElement[bool]) -> int:
    found = db.session.scalar(select(column).where(*conditions).order_by(column.desc()).limit(1))
    assert found, column
    return found
