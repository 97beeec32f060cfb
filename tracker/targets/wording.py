"""Saying in words what rules, targets, deadlines and plans hold, to set two versions side by side."""

from collections.abc import Iterable, Mapping, Sequence

from flask_babel import gettext as _

from tracker.core.money import format_won
from tracker.core.rates import rate_text
from tracker.core.vocabulary import Kind
from tracker.departments.wording import Change
from tracker.targets.queries import DeadlineRow, PlanRow, Rule, TargetRow
from tracker.targets.services import DeadlineDraft, PlanDraft, TargetDraft
from tracker.web.filters import NOTHING
from tracker.web.filters import day as say_day

Facts = Mapping[str, str]


def differences(stored: Facts, typed: Facts) -> list[Change]:
    """Return what is stored now beside what was typed, where they differ."""
    labels = dict.fromkeys([*stored, *typed])
    sides = [(label, stored.get(label, NOTHING), typed.get(label, NOTHING)) for label in labels]
    return [Change(label, before, after) for label, before, after in sides if before != after]


def tell_rule(rule: Rule, type_names: Mapping[str, str]) -> Facts:
    """Return what a rule says."""
    return {
        _("Types that count"): _listed(name for code, name in type_names.items() if code in rule.types),
        _("Kinds that count"): say_kinds(rule),
        _("Budget items left out"): _listed(f"{each.item} ({each.reason})" for each in rule.exclusions),
        _("Departments that count"): say_scope(rule),
        _("Basis"): rule.predicate.basis.korean,
        _("Notice number"): rule.notice or NOTHING,
        _("Recipient of the results"): rule.recipient or NOTHING,
    }


def say_kinds(rule: Rule) -> str:
    """Return the kinds that count; what is unclassified goes without saying."""
    return _listed(
        kind.korean for kind in Kind if kind in rule.predicate.kinds and kind is not Kind.UNCLASSIFIED
    )


def say_scope(rule: Rule) -> str:
    """Return whose money a scheme looks at."""
    if rule.predicate.with_affiliated:
        return str(_("With corporations and funded institutes (evaluation)"))
    return str(_("The office and its own agencies (statutory)"))


def say_kind(kind: str | None) -> str:
    """Return what the target of a kind is called; an empty one is the whole."""
    return next((each.korean for each in Kind if each == kind), "계")


def tell_targets(targets: Sequence[TargetRow | TargetDraft]) -> Facts:
    """Return what targets say, by kind."""
    return {
        say_kind(target.kind): " · ".join(
            [
                f"{rate_text(target.rate, 4)}%" if target.rate is not None else NOTHING,
                format_won(target.amount) if target.amount is not None else NOTHING,
                target.ground or NOTHING,
            ]
        )
        for target in targets
        if target.rate is not None or target.amount is not None
    }


def tell_deadline(due: DeadlineRow | DeadlineDraft, schemes: Mapping[str, str]) -> Facts:
    """Return what is due, and when."""
    return {
        _("Due on"): say_day(due.due_on),
        _("What for"): due.kind.korean,
        _("What is to be done"): due.title,
        _("Scheme"): schemes[due.scheme] if due.scheme else NOTHING,
        _("Results of the year"): str(due.fiscal_year),
    }


def tell_plan_line(
    line: PlanRow | PlanDraft, departments: Mapping[int, str], schemes: Mapping[str, str]
) -> Facts:
    """Return what a line of the plan says."""
    return {
        _("Department"): departments[line.department_id],
        _("Scheme"): schemes[line.scheme],
        _("Item"): line.item,
        _("Kind"): line.kind.korean,
        _("Quantity"): NOTHING if line.quantity is None else f"{line.quantity:f} {line.unit}".strip(),
        _("Month"): str(line.planned_month or NOTHING),
        _("Amount"): format_won(line.amount),
        _("Note"): line.note or NOTHING,
    }


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or NOTHING
