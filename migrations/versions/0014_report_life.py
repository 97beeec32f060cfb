"""The life of reports: steps and signed copies, which only grow, and the institution's own wording."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

STEPS, SCANS, TEXTS = "report_step", "report_scan", "report_text"


def upgrade() -> None:
    op.create_table(
        STEPS,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        *belongs_to(STEPS, report_id="report_snapshot", successor_id="report_snapshot", actor_id="account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_step")),
        sa.UniqueConstraint("report_id", "state", name=op.f("uq_report_step_report_id_state")),
    )
    op.create_index(op.f("ix_report_step_successor_id"), STEPS, ["successor_id"])
    op.create_table(
        SCANS,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=100), nullable=False),
        sa.Column("format", sa.String(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        *belongs_to(SCANS, report_id="report_snapshot", actor_id="account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_scan")),
    )
    op.create_index(op.f("ix_report_scan_report_id"), SCANS, ["report_id"])
    op.create_index(op.f("ix_report_scan_sha256"), SCANS, ["sha256"])
    op.create_table(
        TEXTS,
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        *belongs_to(TEXTS, actor_id="account"),
        sa.PrimaryKeyConstraint("fiscal_year", "kind", name=op.f("pk_report_text")),
    )
    forbid_changes(STEPS, "id = NEW.id OR (report_id = NEW.report_id AND state = NEW.state)")
    forbid_changes(SCANS, "id = NEW.id")


def belongs_to(table: str, **parents: str) -> list[sa.ForeignKeyConstraint]:
    """Return the foreign keys of the table, by column and parent."""
    return [
        sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=op.f(f"fk_{table}_{column}_{parent}"))
        for column, parent in parents.items()
    ]


def forbid_changes(table: str, taken: str) -> None:
    """Let rows only be added, on either database."""
    if op.get_bind().dialect.name == "postgresql":
        for timing, level in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER {table}_no_{timing.split()[0].lower()} BEFORE {timing} ON {table} "
                f"FOR EACH {level} EXECUTE FUNCTION refuse_change()"
            )
        return
    for act, condition in (
        ("UPDATE", ""),
        ("DELETE", ""),
        # INSERT OR REPLACE would otherwise slip past the two above.
        ("INSERT", f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken})"),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def downgrade() -> None:
    for table in (TEXTS, SCANS, STEPS):
        op.drop_table(table)
