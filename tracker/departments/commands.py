"""Naming departments at the terminal."""

from flask_babel import gettext as _

from tracker.departments.queries import (
    AmbiguousDepartment,
    DepartmentNotFound,
    closest_names,
    find_department,
)
from tracker.web.terminal import Unusable


def department_named(name: str) -> int:
    """Return the number of the department with this name, code or path. Raises Unusable, with near ones."""
    try:
        return find_department(name).id
    except DepartmentNotFound as error:
        near = ", ".join(closest_names(name))
        raise Unusable(
            _("There is no department “%(name)s”. Similar names: %(near)s", name=name, near=near)
        ) from error
    except AmbiguousDepartment as error:
        paths = ", ".join(error.candidates)
        raise Unusable(
            _("Several departments are called “%(name)s”: %(paths)s", name=name, paths=paths)
        ) from error
