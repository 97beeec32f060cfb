"""창업기업 (중소기업창업 지원법) as a type: public directories list it beside the others."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

TYPES = sa.table(
    "certification_type",
    *(
        sa.column(name)
        for name in ("code", "name", "synonyms", "is_social_economy", "usual_years", "sort_order")
    ),
)


def upgrade() -> None:
    op.bulk_insert(
        TYPES,
        [
            {
                "code": "startup",
                "name": "창업기업",
                "synonyms": "창업기업확인|창업기업제품",
                "is_social_economy": False,
                "usual_years": None,
                "sort_order": 11,
            }
        ],
    )


def downgrade() -> None:
    """Take the type away; it fails where it is in use, for certifications are not to be lost."""
    op.execute(TYPES.delete().where(TYPES.c.code == "startup"))
