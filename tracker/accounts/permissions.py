"""Who may do what: one table, checked before any page runs. What is not in it is closed."""

from enum import StrEnum

from flask import abort, request
from flask_login import current_user

from tracker.accounts.models import User
from tracker.core.vocabulary import Role
from tracker.departments.queries import subtree_ids


class Act(StrEnum):
    """What a page lets a person do."""

    READ = "read"
    READ_PERSONAL = "read_personal"
    READ_EVIDENCE = "read_evidence"
    OWN_ACCOUNT = "own_account"
    WRITE_PURCHASES = "write_purchases"
    WRITE_ENTERPRISES = "write_enterprises"
    WRITE_DEPARTMENTS = "write_departments"
    WRITE_SPENDING = "write_spending"
    WRITE_TARGETS = "write_targets"
    WRITE_PLANS = "write_plans"
    MAKE_REPORTS = "make_reports"
    KEEP_ROUNDS = "keep_rounds"
    KEEP_LAYOUTS = "keep_layouts"
    READ_TRAIL = "read_trail"
    KEEP_ACCOUNTS = "keep_accounts"


EVERYONE = frozenset(Role)
TEAM = frozenset({Role.STAFF})

# Purchases and totals are public business within the body: everyone signed in reads them.
# A clerk writes for the own department and those below; an admin alters no purchases.
ALLOWED: dict[Act, frozenset[Role]] = {
    Act.READ: EVERYONE,
    Act.READ_PERSONAL: TEAM | {Role.AUDITOR},
    Act.READ_EVIDENCE: TEAM | {Role.CLERK, Role.AUDITOR},
    Act.OWN_ACCOUNT: EVERYONE,
    Act.WRITE_PURCHASES: TEAM | {Role.CLERK},
    Act.WRITE_ENTERPRISES: TEAM,
    Act.WRITE_DEPARTMENTS: TEAM | {Role.ADMIN},
    Act.WRITE_SPENDING: TEAM | {Role.CLERK},
    Act.WRITE_TARGETS: TEAM,
    Act.WRITE_PLANS: TEAM | {Role.CLERK},
    Act.MAKE_REPORTS: TEAM,
    Act.KEEP_ROUNDS: TEAM,
    Act.KEEP_LAYOUTS: TEAM,
    Act.READ_TRAIL: TEAM | {Role.AUDITOR, Role.ADMIN},
    Act.KEEP_ACCOUNTS: frozenset({Role.ADMIN}),
}

# Endpoint → what it needs. Reading and writing pages of one form stand under the act of writing.
ENDPOINTS: dict[str, Act] = {
    "admin.index": Act.READ,
    "audit.access": Act.READ_TRAIL,
    "audit.index": Act.READ_TRAIL,
    "accounts.factor": Act.OWN_ACCOUNT,
    "accounts.password": Act.OWN_ACCOUNT,
    "accounts.remove_factor": Act.OWN_ACCOUNT,
    "accounts.sign_out": Act.OWN_ACCOUNT,
    "accounts.sign_out_everywhere": Act.OWN_ACCOUNT,
    "api.correct_purchase": Act.WRITE_PURCHASES,
    "api.create_report": Act.MAKE_REPORTS,
    "api.list_enterprises": Act.READ,
    "api.list_purchases": Act.READ,
    "api.list_reports": Act.READ,
    "api.record_payment": Act.WRITE_PURCHASES,
    "api.record_purchase": Act.WRITE_PURCHASES,
    "api.register_enterprise": Act.WRITE_ENTERPRISES,
    "api.reverse_purchase": Act.WRITE_PURCHASES,
    "api.show_enterprise": Act.READ,
    "api.show_purchase": Act.READ,
    "api.show_rates": Act.READ,
    "api.show_report": Act.READ,
    "api.show_totals": Act.READ,
    "api.verify_report": Act.READ,
    "departments.close": Act.WRITE_DEPARTMENTS,
    "departments.confirm": Act.WRITE_DEPARTMENTS,
    "departments.create": Act.WRITE_DEPARTMENTS,
    "departments.detail": Act.READ,
    "departments.edit": Act.WRITE_DEPARTMENTS,
    "departments.index": Act.READ,
    "departments.reorganise": Act.WRITE_DEPARTMENTS,
    "departments.upload": Act.WRITE_DEPARTMENTS,
    "departments.withdraw": Act.WRITE_DEPARTMENTS,
    "enterprises.certify": Act.WRITE_ENTERPRISES,
    "enterprises.create": Act.WRITE_ENTERPRISES,
    "enterprises.create_product": Act.WRITE_ENTERPRISES,
    "enterprises.decide_absence": Act.WRITE_ENTERPRISES,
    "enterprises.decide_absences": Act.WRITE_ENTERPRISES,
    "enterprises.detail": Act.READ,
    "enterprises.edit": Act.WRITE_ENTERPRISES,
    "enterprises.edit_certification": Act.WRITE_ENTERPRISES,
    "enterprises.edit_product": Act.WRITE_ENTERPRISES,
    "enterprises.edition": Act.READ,
    "enterprises.edition_file": Act.READ,
    "enterprises.index": Act.READ,
    "enterprises.list_of_editions": Act.READ,
    "enterprises.personal": Act.READ_PERSONAL,
    "enterprises.products": Act.READ,
    "enterprises.record_share": Act.WRITE_ENTERPRISES,
    "enterprises.record_status": Act.WRITE_ENTERPRISES,
    "enterprises.remove_product": Act.WRITE_ENTERPRISES,
    "enterprises.remove_share": Act.WRITE_ENTERPRISES,
    "enterprises.remove_status": Act.WRITE_ENTERPRISES,
    "evidence.content": Act.READ_EVIDENCE,
    "evidence.create": Act.WRITE_PURCHASES,
    "evidence.detail": Act.READ_EVIDENCE,
    "evidence.download": Act.READ_EVIDENCE,
    "evidence.edit": Act.WRITE_PURCHASES,
    "evidence.withdraw": Act.WRITE_PURCHASES,
    "imports.again": Act.WRITE_PURCHASES,
    "imports.columns": Act.WRITE_PURCHASES,
    "imports.confirm": Act.WRITE_PURCHASES,
    "imports.confirm_all": Act.WRITE_PURCHASES,
    "imports.create": Act.WRITE_PURCHASES,
    "imports.detail": Act.READ,
    "imports.faulty": Act.WRITE_PURCHASES,
    "imports.index": Act.READ,
    "imports.late": Act.WRITE_PURCHASES,
    "imports.names": Act.WRITE_PURCHASES,
    "imports.preview": Act.WRITE_PURCHASES,
    "imports.previews": Act.WRITE_PURCHASES,
    "imports.purchases": Act.READ,
    "imports.template": Act.READ,
    "imports.undo": Act.WRITE_PURCHASES,
    "jobs.cancel": Act.READ,
    "jobs.detail": Act.READ,
    "jobs.index": Act.READ,
    "jobs.state": Act.READ,
    "layouts.detail": Act.READ,
    "layouts.edit": Act.KEEP_LAYOUTS,
    "layouts.index": Act.READ,
    "layouts.retire": Act.KEEP_LAYOUTS,
    "layouts.shipped": Act.READ,
    "layouts.withdraw_alias": Act.KEEP_LAYOUTS,
    "monitoring.certifications": Act.READ,
    "monitoring.departments": Act.READ,
    "monitoring.ended": Act.READ,
    "monitoring.index": Act.READ,
    "monitoring.suppliers": Act.READ,
    "monitoring.unpaid": Act.READ,
    "monitoring.unused": Act.READ,
    "purchases.check": Act.WRITE_PURCHASES,
    "purchases.correct": Act.WRITE_PURCHASES,
    "purchases.create": Act.WRITE_PURCHASES,
    "purchases.create_lines": Act.WRITE_PURCHASES,
    "purchases.detail": Act.READ,
    "purchases.export": Act.READ,
    "purchases.index": Act.READ,
    "purchases.pay": Act.WRITE_PURCHASES,
    "purchases.reverse": Act.WRITE_PURCHASES,
    "purchases.suppliers": Act.WRITE_PURCHASES,
    "purchases.usual": Act.WRITE_PURCHASES,
    "reports.add_copy": Act.MAKE_REPORTS,
    "reports.confirm": Act.MAKE_REPORTS,
    "reports.copy_texts": Act.MAKE_REPORTS,
    "reports.create": Act.MAKE_REPORTS,
    "reports.create_indicator": Act.MAKE_REPORTS,
    "reports.create_sheets": Act.MAKE_REPORTS,
    "reports.detail": Act.READ,
    "reports.differences": Act.READ,
    "reports.document": Act.READ,
    "reports.download": Act.READ,
    "reports.download_sheets": Act.READ,
    "reports.edit_indicator": Act.MAKE_REPORTS,
    "reports.index": Act.READ,
    "reports.indicators": Act.READ,
    "reports.look_up": Act.READ,
    "reports.preview_texts": Act.MAKE_REPORTS,
    "reports.purchases": Act.READ,
    "reports.render": Act.READ,
    "reports.render_sheets": Act.READ,
    "reports.sheets": Act.READ,
    "reports.signed_copy": Act.READ_PERSONAL,
    "reports.strike_indicator": Act.MAKE_REPORTS,
    "reports.supersede": Act.MAKE_REPORTS,
    "reports.texts": Act.MAKE_REPORTS,
    "reports.verify": Act.READ,
    "rounds.create": Act.KEEP_ROUNDS,
    "rounds.decide": Act.KEEP_ROUNDS,
    "rounds.department": Act.READ,
    "rounds.detail": Act.READ,
    "rounds.edit": Act.KEEP_ROUNDS,
    "rounds.index": Act.READ,
    "rounds.reopen_answer": Act.KEEP_ROUNDS,
    "rounds.sheet": Act.READ,
    "rounds.sheets": Act.KEEP_ROUNDS,
    "rounds.submit_answer": Act.WRITE_PURCHASES,
    "rounds.withdraw": Act.KEEP_ROUNDS,
    "spending.create": Act.WRITE_SPENDING,
    "spending.detail": Act.READ,
    "spending.edit": Act.WRITE_SPENDING,
    "spending.index": Act.READ,
    "spending.withdraw": Act.WRITE_SPENDING,
    "targets.budget": Act.READ,
    "targets.budgets": Act.READ,
    "targets.carry": Act.WRITE_TARGETS,
    "targets.copy_plan": Act.WRITE_PLANS,
    "targets.create_deadline": Act.WRITE_TARGETS,
    "targets.create_plan": Act.WRITE_PLANS,
    "targets.deadlines": Act.READ,
    "targets.detail": Act.READ,
    "targets.edit": Act.WRITE_TARGETS,
    "targets.edit_budgets": Act.WRITE_TARGETS,
    "targets.edit_deadline": Act.WRITE_TARGETS,
    "targets.edit_plan_line": Act.WRITE_PLANS,
    "targets.edit_targets": Act.WRITE_TARGETS,
    "targets.index": Act.READ,
    "targets.plan": Act.READ,
    "targets.purchases": Act.READ,
    "targets.remove_deadline": Act.WRITE_TARGETS,
    "targets.remove_plan_line": Act.WRITE_PLANS,
    "targets.share": Act.WRITE_TARGETS,
    "totals.export": Act.READ,
    "totals.index": Act.READ,
    "totals.purchases": Act.READ,
    "users.confirm": Act.KEEP_ACCOUNTS,
    "users.create": Act.KEEP_ACCOUNTS,
    "users.disable": Act.KEEP_ACCOUNTS,
    "users.edit": Act.KEEP_ACCOUNTS,
    "users.enable": Act.KEEP_ACCOUNTS,
    "users.index": Act.KEEP_ACCOUNTS,
    "users.reset": Act.KEEP_ACCOUNTS,
    "users.sign_out_account": Act.KEEP_ACCOUNTS,
    "users.upload": Act.KEEP_ACCOUNTS,
    "web.index": Act.READ,
}


def may(user: User, act: Act, department_id: int | None = None) -> bool:
    """Return whether the account may do this, for that department where one is named; strangers may not."""
    if not user.is_authenticated or user.role not in ALLOWED[act]:
        return False
    if user.role is Role.CLERK and act is not Act.READ and department_id is not None:
        return department_id in own_departments(user)
    return True


def own_departments(user: User) -> list[int]:
    """Return the departments an account writes for: its own and those below."""
    return subtree_ids(user.department_id) if user.department_id else []


def require(act: Act, department_id: int | None = None) -> None:
    """Answer 403 unless the person signed in may do this."""
    if not may(current_user, act, department_id):
        abort(403)


def require_permission() -> None:
    """Check the page asked for against the table; a page that is not in it is open to nobody."""
    if request.endpoint is not None:
        act = ENDPOINTS.get(request.endpoint)
        if act is None:
            abort(403)
        require(act)
