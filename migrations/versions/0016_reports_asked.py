"""What each report was asked to be about, hashed beside its content: reports on the same are found by it."""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

TABLE, INDEX = "report_snapshot", "ix_report_snapshot_asked"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("asked", sa.String(length=64), nullable=False, server_default=""))
    snapshots = sa.table(TABLE, *map(sa.column, ("id", "content", "sha256", "asked")))
    connection = op.get_bind()
    is_postgresql = connection.dialect.name == "postgresql"
    if is_postgresql:
        op.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER {TABLE}_append_only")
    else:
        op.execute(f"DROP TRIGGER {TABLE}_no_update")
    for number in connection.scalars(sa.select(snapshots.c.id)).all():
        content, sha256 = connection.execute(
            sa.select(snapshots.c.content, snapshots.c.sha256).where(snapshots.c.id == number)
        ).one()
        # An altered content may say anything: it answers nothing.
        if hashlib.sha256(content.encode()).hexdigest() == sha256:
            connection.execute(
                sa.update(snapshots).where(snapshots.c.id == number).values(asked=hash_asked(content))
            )
    if is_postgresql:
        op.execute(f"ALTER TABLE {TABLE} ENABLE TRIGGER {TABLE}_append_only")
    else:
        op.execute(
            f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} "
            f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
        )
    op.create_index(op.f(INDEX), TABLE, ["asked"])


def hash_asked(text: str) -> str:
    """Return the SHA-256 of what a content was asked to be about; older ones say it in their question."""
    content = json.loads(text)
    asked = content["question"] | {"kind": content["kind"]} | content.get("request", {})
    plain = {
        "year": asked["year"],
        "kind": asked["kind"],
        "period": asked["period"] or None,
        "scope": asked["scope"],
        "department_id": asked["department_id"],
        "scheme": asked.get("scheme") or content.get("scheme", {}).get("code"),
        "enterprise_id": asked.get("enterprise_id"),
        "one_offs": asked.get("one_offs", []),
    }
    canonical = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def downgrade() -> None:
    op.drop_index(op.f(INDEX), TABLE)
    op.drop_column(TABLE, "asked")
