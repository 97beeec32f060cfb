"""Signing in: from where, with which second factor, how often in vain; and the version of an account."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("account", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("account", sa.Column("factor_seed", sa.String(length=64), nullable=True))
    op.add_column("account", sa.Column("factor_step", sa.Integer(), nullable=True))
    op.add_column(
        "account_session", sa.Column("origin", sa.String(length=60), nullable=False, server_default="")
    )
    op.add_column(
        "account_session",
        sa.Column("awaits_code", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "sign_in_throttle",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_throttle")),
    )
    op.create_index(op.f("ix_sign_in_throttle_last_failed_at"), "sign_in_throttle", ["last_failed_at"])


def downgrade() -> None:
    op.drop_table("sign_in_throttle")
    for column in ("awaits_code", "origin"):
        op.drop_column("account_session", column)
    for column in ("factor_step", "factor_seed", "version"):
        op.drop_column("account", column)
