"""Evidence of purchases: files with their versions, which only grow."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

TABLE = "evidence_version"


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purchase_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Integer(), nullable=True),
        sa.Column("withdrawal_reason", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_evidence_purchase_id_purchase")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["account.id"], name=op.f("fk_evidence_withdrawn_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_purchase_id"), "evidence", ["purchase_id"])
    op.create_table(
        TABLE,
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("file_name", sa.String(length=100), nullable=False),
        sa.Column("format", sa.String(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_evidence_version_evidence_id_evidence")
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["account.id"], name=op.f("fk_evidence_version_actor_id_account")
        ),
        sa.PrimaryKeyConstraint("evidence_id", "number", name=op.f("pk_evidence_version")),
    )
    op.create_index(op.f("ix_evidence_version_sha256"), TABLE, ["sha256"])
    forbid_changes()


def forbid_changes() -> None:
    """Let versions only be added, on either database; without them going, no evidence can be deleted."""
    if op.get_bind().dialect.name == "postgresql":
        for timing, level in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER {TABLE}_no_{timing.split()[0].lower()} BEFORE {timing} ON {TABLE} "
                f"FOR EACH {level} EXECUTE FUNCTION refuse_change()"
            )
        return
    taken = f"SELECT 1 FROM {TABLE} WHERE evidence_id = NEW.evidence_id AND number = NEW.number"
    for act, condition in (
        ("UPDATE", ""),
        ("DELETE", ""),
        # INSERT OR REPLACE would otherwise slip past the two above.
        ("INSERT", f"WHEN EXISTS ({taken})"),
    ):
        op.execute(
            f"CREATE TRIGGER {TABLE}_no_{act.lower()} BEFORE {act} ON {TABLE} {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
        )


def downgrade() -> None:
    op.drop_table(TABLE)
    op.drop_table("evidence")
