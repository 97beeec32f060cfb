"""The record of looks at personal data and evidence; indexes by which the trail is searched."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TABLE = "access_record"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=60), nullable=False),
        sa.Column("access", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_record")),
    )
    op.create_index(op.f("ix_access_record_subject_subject_id"), TABLE, ["subject", "subject_id"])
    op.create_index(op.f("ix_access_record_actor_id"), TABLE, ["actor_id"])
    op.create_index(op.f("ix_audit_event_actor_id_sequence"), "audit_event", ["actor_id", "sequence"])
    op.create_index(op.f("ix_audit_event_action_sequence"), "audit_event", ["action", "sequence"])
    op.create_index(op.f("ix_audit_event_at"), "audit_event", ["at"])
    forbid_changes()


def forbid_changes() -> None:
    """Let the record only grow, on either database."""
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
    for name in ("actor_id_sequence", "action_sequence", "at"):
        op.drop_index(op.f(f"ix_audit_event_{name}"), "audit_event")
    op.drop_table(TABLE)
