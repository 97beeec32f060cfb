"""Editions of official lists with their members, and certifications that the newest one no longer has."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_edition_batch_id_import_batch")
        ),
        sa.ForeignKeyConstraint(
            ["type"], ["certification_type.code"], name=op.f("fk_edition_type_certification_type")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
        sa.UniqueConstraint("batch_id", name=op.f("uq_edition_batch_id")),
    )
    op.create_index(op.f("ix_edition_type_day"), "edition", ["type", "day"])
    op.create_table(
        "edition_member",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("certification_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("representative", sa.String(length=64), nullable=True),
        sa.Column("address", sa.String(length=300), nullable=True),
        sa.Column("number", sa.String(length=100), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_edition_member_edition_id_edition")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_edition_member_enterprise_id_enterprise")
        ),
        sa.ForeignKeyConstraint(
            ["certification_id"],
            ["certification.id"],
            name=op.f("fk_edition_member_certification_id_certification"),
        ),
        sa.PrimaryKeyConstraint("edition_id", "row_number", name=op.f("pk_edition_member")),
    )
    op.create_index(
        op.f("ix_edition_member_edition_id_enterprise_id_certification_id"),
        "edition_member",
        ["edition_id", "enterprise_id", "certification_id"],
    )
    op.create_table(
        "edition_absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("certification_id", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=32), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_edition_absence_edition_id_edition")
        ),
        sa.ForeignKeyConstraint(
            ["certification_id"],
            ["certification.id"],
            name=op.f("fk_edition_absence_certification_id_certification"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["account.id"], name=op.f("fk_edition_absence_decided_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition_absence")),
        sa.UniqueConstraint(
            "edition_id", "certification_id", name=op.f("uq_edition_absence_edition_id_certification_id")
        ),
    )
    op.create_index(op.f("ix_edition_absence_certification_id"), "edition_absence", ["certification_id"])


def downgrade() -> None:
    for table in ("edition_absence", "edition_member", "edition"):
        op.drop_table(table)
