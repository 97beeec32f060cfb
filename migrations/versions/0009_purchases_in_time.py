"""An index by which the list of a fiscal year comes newest first."""

from alembic import op

revision = "0009"
down_revision = "0008"

INDEX = "ix_purchase_fiscal_year_purchased_on"


def upgrade() -> None:
    op.create_index(op.f(INDEX), "purchase", ["fiscal_year", "purchased_on"])


def downgrade() -> None:
    op.drop_index(op.f(INDEX), table_name="purchase")
