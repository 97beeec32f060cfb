"""Programs to use the API with."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.api.programs import Program, make_program
from tracker.core.vocabulary import Role


@pytest.fixture
def program(app: Flask) -> Program:
    """Return a program of the social-economy team."""
    return make_program(app)


@pytest.fixture
def program_of(app: Flask) -> Callable[..., Program]:
    """Return a function that gives a program of an account of a role."""

    def make(role: Role, department_id: int | None = None) -> Program:
        return make_program(app, role, department_id)

    return make
