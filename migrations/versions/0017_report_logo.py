"""Logos of reports: which contents were kept, by their SHA-256; rows are only added."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

TABLE = "report_logo"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_report_logo_actor_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_logo")),
    )
    op.create_index(op.f("ix_report_logo_sha256"), TABLE, ["sha256"])
    if op.get_bind().dialect.name == "postgresql":
        for timing, level in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER {TABLE}_no_{timing.split()[0].lower()} BEFORE {timing} ON {TABLE} "
                f"FOR EACH {level} EXECUTE FUNCTION refuse_change()"
            )
        return
    for act, condition in (
        ("UPDATE", ""),
        ("DELETE", ""),
        # INSERT OR REPLACE would otherwise slip past the two above.
        ("INSERT", f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id)"),
    ):
        op.execute(
            f"CREATE TRIGGER {TABLE}_no_{act.lower()} BEFORE {act} ON {TABLE} {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
        )


def downgrade() -> None:
    op.drop_table(TABLE)
