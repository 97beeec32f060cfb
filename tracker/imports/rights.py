"""Who may bring which files: the team all, a clerk rows of the own departments."""

from dataclasses import replace

from tracker.accounts.models import User
from tracker.accounts.permissions import Act, may, own_departments
from tracker.core.vocabulary import Role
from tracker.imports.models import ImportSubject
from tracker.imports.options import ImportOptions

ACTS = {
    ImportSubject.PURCHASES: Act.WRITE_PURCHASES,
    ImportSubject.ENTERPRISES: Act.WRITE_ENTERPRISES,
    ImportSubject.SPENDING: Act.WRITE_SPENDING,
    ImportSubject.PLAN: Act.WRITE_PLANS,
}


def subjects_of(user: User) -> list[ImportSubject]:
    """Return what the account may take in."""
    return [subject for subject, act in ACTS.items() if may(user, act)]


def may_make_parties(user: User) -> bool:
    """Return whether a file of the account may bring departments and enterprises that are not there."""
    return may(user, Act.WRITE_DEPARTMENTS) and may(user, Act.WRITE_ENTERPRISES)


def may_undo(user: User, subject: ImportSubject, actor_id: int) -> bool:
    """Return whether the account may take back what `actor_id` took in: a clerk only the own."""
    return may(user, ACTS[subject]) and (user.role is not Role.CLERK or user.id == actor_id)


def within_rights(options: ImportOptions, user: User) -> ImportOptions:
    """Return the options with what the account's rights leave of them."""
    return replace(
        options,
        create_missing=options.create_missing and may_make_parties(user),
        only_departments=frozenset(own_departments(user)) if user.role is Role.CLERK else None,
    )
