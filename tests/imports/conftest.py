"""What files of purchases name, unless a test says otherwise."""

import pytest

from tests.factories import make_department, make_enterprise


@pytest.fixture
def office(app: object) -> None:  # noqa: ARG001
    """Register whom the usual row names."""
    make_department("총무과")
    make_enterprise("함께일하는사람들")
