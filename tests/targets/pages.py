"""Making schemes worth looking at, and filling in the forms of their pages."""

import re
from decimal import Decimal
from typing import Any

from werkzeug.test import TestResponse

from tests.client import Browser
from tests.factories import BY
from tests.purchases.pages import fields_of
from tracker.core.vocabulary import Kind
from tracker.spending.services import SpendingDraft, record_spending
from tracker.targets.queries import list_targets
from tracker.targets.services import PlanDraft, TargetDraft, plan_purchases, set_target

PAGE = "/admin/targets"
OWN = f"{PAGE}/schemes/social_economy/2026"
SOCIAL = f"{PAGE}/schemes/social_enterprise/2026"


def spend(
    department: int, amount: int, kind: Kind = Kind.GOODS, item: str = "201-01", year: int = 2026
) -> None:
    """Enter total spending of a department."""
    draft = SpendingDraft(
        department_id=department, fiscal_year=year, kind=kind, budget_item=item, amount=amount
    )
    record_spending([draft], BY)


def aim(
    scheme: str, amount: int | None = None, rate: str | None = None, year: int = 2026, **more: Any
) -> None:
    """Set a target."""
    draft = TargetDraft(
        scheme=scheme, fiscal_year=year, amount=amount, rate=Decimal(rate) if rate else None, **more
    )
    set_target(draft, None, BY)


def write_plan(department: int, item: str = "복사용지", amount: int = 1_000_000, **more: Any) -> int:
    """Add a line to the plan, and return its number."""
    values: dict[str, Any] = {
        "fiscal_year": 2026,
        "department_id": department,
        "scheme": "social_enterprise",
        "kind": Kind.GOODS,
    }
    [line] = plan_purchases([PlanDraft(item=item, amount=amount, **(values | more))], BY)
    return line


def targets_of(scheme: str, year: int = 2026) -> dict[tuple[int | None, str], tuple[object, object]]:
    """Return rate and amount of each target by department and kind."""
    return {(each.department_id, each.kind): (each.rate, each.amount) for each in list_targets(year, scheme)}


def ticked(page: str) -> dict[str, list[str]]:
    """Return what the ticked boxes of a page would send."""
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        if 'type="checkbox"' in tag and "checked" in tag:
            name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
            assert name
            assert value
            found.setdefault(name[1], []).append(value[1])
    return found


def opened(browser: Browser, page: str) -> dict[str, Any]:
    """Return the page's form as a browser would send it unchanged, boxes included."""
    text = browser.get(page).text
    return fields_of(text) | ticked(text)


def send(browser: Browser, page: str, form: dict[str, Any], **changed: Any) -> TestResponse:
    """Send an opened form with some fields changed."""
    return browser.post(page, data=form | {name.replace("__", "-"): value for name, value in changed.items()})
