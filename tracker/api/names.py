"""Departments and types as a request names them."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from marshmallow import ValidationError

from tracker.core.names import normalise_heading
from tracker.departments.queries import (
    AmbiguousDepartment,
    DepartmentNotFound,
    closest_names,
    find_department,
    list_departments,
)
from tracker.enterprises.queries import type_codes_by_name
from tracker.reports.requests import OneOff, parse_one_off
from tracker.targets.queries import list_scheme_names


def asked_department(said: Mapping[str, Any]) -> int | None:
    """Return the department by its number, name, code or path; None where none is named."""
    number, name = said.get("department_id"), said.get("department")
    if number is not None:
        if all(row.id != number for row in list_departments()):
            raise ValidationError(_("There is none of this number."), "department_id")
        return int(number)
    if name is None:
        return None
    try:
        return find_department(name).id
    except DepartmentNotFound:
        near = ", ".join(closest_names(name))
        message = _("There is no department “%(name)s”. Similar names: %(near)s", name=name, near=near)
    except AmbiguousDepartment as error:
        paths = ", ".join(error.candidates)
        message = _("Several departments are called “%(name)s”: %(paths)s", name=name, paths=paths)
    raise ValidationError(message, "department")


def asked_type(name: str | None) -> str | None:
    """Return the code of the type by its code, name or synonym; None where none is named."""
    if name is None:
        return None
    codes = type_codes_by_name()
    if normalise_heading(name) not in codes:
        known = ", ".join(sorted(set(codes.values())))
        raise ValidationError(
            _("There is no type “%(name)s”. Known: %(known)s", name=name, known=known), "type"
        )
    return codes[normalise_heading(name)]


def asked_one_offs(texts: Sequence[str]) -> tuple[OneOff, ...]:
    """Return the one-off items written so."""
    try:
        return tuple(map(parse_one_off, texts))
    except ValueError as error:
        raise ValidationError(
            _(
                "A one-off item is written as NAME=#PURCHASE or NAME=BUDGET ITEM, not “%(text)s”.",
                text=str(error),
            ),
            "one_offs",
        ) from error


def asked_scheme(code: str | None) -> str | None:
    """Return the code of the scheme; None where none is named."""
    known = list_scheme_names()
    if code is not None and code not in known:
        raise ValidationError(
            _("There is no scheme “%(scheme)s”. Known: %(known)s", scheme=code, known=", ".join(known)),
            "scheme",
        )
    return code
