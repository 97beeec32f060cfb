"""The ledger with everything around it: departments, accounts, enterprises, imports, reports, audit."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Types of certification with their words in files: the usual practice of the field, editable afterwards.
TYPES = [
    ("social", "사회적기업", "인증사회적기업|사회적기업(인증)|인증 사회적기업", True, None),
    (
        "preliminary",
        "예비사회적기업",
        "(예비)사회적기업|지역형예비사회적기업|부처형예비사회적기업|예비",
        True,
        3,
    ),
    ("village", "마을기업", "", True, None),
    ("self_support", "자활기업", "", True, None),
    ("social_coop", "사회적협동조합", "", True, None),
    ("coop", "협동조합", "일반협동조합", True, None),
    (
        "severe_disability",
        "중증장애인생산품 생산시설",
        "중증시설|중증장애인생산품|중증장애인생산품생산시설",
        False,
        None,
    ),
    ("standard_workplace", "장애인 표준사업장", "표준사업장", False, None),
    ("disabled_owned", "장애인기업", "", False, 3),
    ("women_owned", "여성기업", "", False, 3),
]

APPEND_ONLY = {"audit_event": "sequence", "report_snapshot": "id", "purchase_revision": None}


def forbid_changes(table: str, key: str | None) -> None:
    """Let the table only grow, on either database."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    same = f"{key} = NEW.{key}" if key else "purchase_id = NEW.purchase_id AND number = NEW.number"
    # INSERT OR REPLACE would otherwise slip past the triggers above.
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def chain_must_grow() -> None:
    """Refuse an audit event that is not the next one."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_gap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM audit_event) THEN "
            "RAISE EXCEPTION 'the audit chain must grow by one'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_event_grows BEFORE INSERT ON audit_event "
            "FOR EACH ROW EXECUTE FUNCTION refuse_gap()"
        )
    else:
        op.execute(
            "CREATE TRIGGER audit_event_grows BEFORE INSERT ON audit_event "
            "WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM audit_event) "
            "BEGIN SELECT RAISE(ABORT, 'the audit chain must grow by one'); END"
        )


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_audit_event_subject_subject_id"), ["subject", "subject_id"], unique=False
        )

    op.create_table(
        "certification_type",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("synonyms", sa.Text(), nullable=False),
        sa.Column("is_social_economy", sa.Boolean(), nullable=False),
        sa.Column("usual_years", sa.Integer(), nullable=True),
        sa.Column("sort_order", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_certification_type")),
        sa.UniqueConstraint("name", name=op.f("uq_certification_type_name")),
    )
    op.create_table(
        "department",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("affiliation", sa.String(length=32), nullable=False),
        sa.Column("is_institution", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("sort_order", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["department.id"], name=op.f("fk_department_parent_id_department")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
        sa.UniqueConstraint("code", name=op.f("uq_department_code")),
    )
    with op.batch_alter_table("department", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_department_name"), ["name"], unique=False)
        batch_op.create_index(batch_op.f("ix_department_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "enterprise",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("normalised_name", sa.String(length=200), nullable=False),
        sa.Column("business_number", sa.String(length=10), nullable=True),
        sa.Column("representative", sa.String(length=100), nullable=True),
        sa.Column("address", sa.String(length=300), nullable=True),
        sa.Column("phone", sa.String(length=60), nullable=True),
        sa.Column("homepage", sa.String(length=300), nullable=True),
        sa.Column("items", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise")),
        sa.UniqueConstraint("business_number", name=op.f("uq_enterprise_business_number")),
    )
    with op.batch_alter_table("enterprise", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enterprise_normalised_name"), ["normalised_name"], unique=False)

    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_account_department_id_department")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    op.create_table(
        "certification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("subtype", sa.String(length=60), nullable=True),
        sa.Column("number", sa.String(length=100), nullable=True),
        sa.Column("authority", sa.String(length=100), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_certification_enterprise_id_enterprise")
        ),
        sa.ForeignKeyConstraint(
            ["type"], ["certification_type.code"], name=op.f("fk_certification_type_certification_type")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification")),
    )
    with op.batch_alter_table("certification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certification_enterprise_id"), ["enterprise_id"], unique=False)

    op.create_table(
        "department_succession",
        sa.Column("predecessor_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["predecessor_id"],
            ["department.id"],
            name=op.f("fk_department_succession_predecessor_id_department"),
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["department.id"], name=op.f("fk_department_succession_successor_id_department")
        ),
        sa.PrimaryKeyConstraint("predecessor_id", "successor_id", name=op.f("pk_department_succession")),
    )
    with op.batch_alter_table("department_succession", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_department_succession_successor_id"), ["successor_id"], unique=False
        )

    op.create_table(
        "product",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("normalised_name", sa.String(length=200), nullable=False),
        sa.Column("category_code", sa.String(length=20), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("unit_price", sa.BigInteger(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_product_enterprise_id_enterprise")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
    )
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_product_enterprise_id"), ["enterprise_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_product_normalised_name"), ["normalised_name"], unique=False)

    op.create_table(
        "purchase",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("is_social", sa.Boolean(), nullable=False),
        sa.Column("is_certified", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("purchased_on", sa.Date(), nullable=False),
        sa.Column("contracted_on", sa.Date(), nullable=True),
        sa.Column("item", sa.String(length=300), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("contract_name", sa.String(length=500), nullable=True),
        sa.Column("contract_number", sa.String(length=60), nullable=True),
        sa.Column("contract_item", sa.String(length=20), nullable=True),
        sa.Column("amendment", sa.Integer(), nullable=True),
        sa.Column("quantity", sa.String(length=40), nullable=True),
        sa.Column("unit", sa.String(length=30), nullable=True),
        sa.Column("unit_price", sa.BigInteger(), nullable=True),
        sa.Column("estimated_price", sa.BigInteger(), nullable=True),
        sa.Column("tax", sa.String(length=32), nullable=False),
        sa.Column("law", sa.String(length=32), nullable=False),
        sa.Column("method", sa.String(length=32), nullable=False),
        sa.Column("ground", sa.String(length=300), nullable=True),
        sa.Column("quotations", sa.Integer(), nullable=True),
        sa.Column("procurement", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=60), nullable=True),
        sa.Column("means", sa.String(length=60), nullable=True),
        sa.Column("budget_item", sa.String(length=60), nullable=True),
        sa.Column("budget_kind", sa.String(length=32), nullable=False),
        sa.Column("directness", sa.String(length=32), nullable=False),
        sa.Column("nature", sa.String(length=32), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("is_reversed", sa.Boolean(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("contracting_department_id", sa.Integer(), nullable=True),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contracting_department_id"],
            ["department.id"],
            name=op.f("fk_purchase_contracting_department_id_department"),
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_purchase_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_purchase_enterprise_id_enterprise")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase")),
    )
    with op.batch_alter_table("purchase", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_purchase_contract_number_contract_item"),
            ["contract_number", "contract_item"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_department_id_purchased_on"),
            ["department_id", "purchased_on"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_enterprise_id_purchased_on"),
            ["enterprise_id", "purchased_on"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_fiscal_year_department_id"),
            ["fiscal_year", "department_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_purchase_purchased_on_amount"), ["purchased_on", "amount"], unique=False
        )

    op.create_table(
        "purchase_rollup",
        sa.Column("basis", sa.String(length=32), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(length=32), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("month BETWEEN 190001 AND 299912", name=op.f("ck_purchase_rollup_month")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_purchase_rollup_department_id_department")
        ),
        sa.PrimaryKeyConstraint(
            "basis",
            "fiscal_year",
            "measure",
            "type",
            "month",
            "department_id",
            "kind",
            name=op.f("pk_purchase_rollup"),
        ),
    )
    with op.batch_alter_table("purchase_rollup", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchase_rollup_month_basis"), ["month", "basis"], unique=False)

    op.create_table(
        "vulnerable_share",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("basis_points", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=100), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_vulnerable_share_enterprise_id_enterprise")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vulnerable_share")),
    )
    with op.batch_alter_table("vulnerable_share", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_vulnerable_share_enterprise_id"), ["enterprise_id"], unique=False
        )

    op.create_table(
        "account_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_session_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_session")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_account_session_token_digest")),
    )
    with op.batch_alter_table("account_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_session_account_id"), ["account_id"], unique=False)

    op.create_table(
        "certification_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("certification_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["certification_id"],
            ["certification.id"],
            name=op.f("fk_certification_event_certification_id_certification"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_event")),
    )
    with op.batch_alter_table("certification_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_event_certification_id"), ["certification_id"], unique=False
        )

    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("layout", sa.String(length=60), nullable=False),
        sa.Column("imported", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undo_reason", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_import_batch_actor_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_batch_file_sha256"), ["file_sha256"], unique=False)

    op.create_table(
        "payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purchase_id", sa.Integer(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("added_in", sa.Integer(), nullable=False),
        sa.Column("removed_in", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_payment_purchase_id_purchase")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_fiscal_year"), ["fiscal_year"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_paid_on"), ["paid_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_purchase_id"), ["purchase_id"], unique=False)

    op.create_table(
        "purchase_revision",
        sa.Column("purchase_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("change", sa.String(length=300), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("purchased_on", sa.Date(), nullable=False),
        sa.Column("contracted_on", sa.Date(), nullable=True),
        sa.Column("item", sa.String(length=300), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("contract_name", sa.String(length=500), nullable=True),
        sa.Column("contract_number", sa.String(length=60), nullable=True),
        sa.Column("contract_item", sa.String(length=20), nullable=True),
        sa.Column("amendment", sa.Integer(), nullable=True),
        sa.Column("quantity", sa.String(length=40), nullable=True),
        sa.Column("unit", sa.String(length=30), nullable=True),
        sa.Column("unit_price", sa.BigInteger(), nullable=True),
        sa.Column("estimated_price", sa.BigInteger(), nullable=True),
        sa.Column("tax", sa.String(length=32), nullable=False),
        sa.Column("law", sa.String(length=32), nullable=False),
        sa.Column("method", sa.String(length=32), nullable=False),
        sa.Column("ground", sa.String(length=300), nullable=True),
        sa.Column("quotations", sa.Integer(), nullable=True),
        sa.Column("procurement", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=60), nullable=True),
        sa.Column("means", sa.String(length=60), nullable=True),
        sa.Column("budget_item", sa.String(length=60), nullable=True),
        sa.Column("budget_kind", sa.String(length=32), nullable=False),
        sa.Column("directness", sa.String(length=32), nullable=False),
        sa.Column("nature", sa.String(length=32), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("is_reversed", sa.Boolean(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("contracting_department_id", sa.Integer(), nullable=True),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["account.id"], name=op.f("fk_purchase_revision_actor_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["contracting_department_id"],
            ["department.id"],
            name=op.f("fk_purchase_revision_contracting_department_id_department"),
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_purchase_revision_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_purchase_revision_enterprise_id_enterprise")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_purchase_revision_purchase_id_purchase")
        ),
        sa.PrimaryKeyConstraint("purchase_id", "number", name=op.f("pk_purchase_revision")),
    )
    op.create_table(
        "purchase_verdict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purchase_id", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("certification_id", sa.Integer(), nullable=True),
        sa.Column("is_eligible", sa.Boolean(), nullable=False),
        sa.Column("was_social_economy", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("judged_in", sa.Integer(), nullable=False),
        sa.Column("replaced_in", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["certification_id"],
            ["certification.id"],
            name=op.f("fk_purchase_verdict_certification_id_certification"),
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_purchase_verdict_purchase_id_purchase")
        ),
        sa.ForeignKeyConstraint(
            ["type"], ["certification_type.code"], name=op.f("fk_purchase_verdict_type_certification_type")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_verdict")),
    )
    with op.batch_alter_table("purchase_verdict", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchase_verdict_purchase_id"), ["purchase_id"], unique=False)

    op.create_table(
        "report_snapshot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["account.id"], name=op.f("fk_report_snapshot_actor_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_snapshot")),
    )
    op.create_table(
        "spending",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("budget_item", sa.String(length=60), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_spending_actor_id_account")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_spending_department_id_department")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spending")),
    )
    with op.batch_alter_table("spending", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_spending_fiscal_year_department_id"),
            ["fiscal_year", "department_id"],
            unique=False,
        )

    op.create_table(
        "imported_row",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_imported_row_batch_id_import_batch")
        ),
        sa.PrimaryKeyConstraint("batch_id", "row_number", name=op.f("pk_imported_row")),
    )
    with op.batch_alter_table("imported_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_imported_row_subject_id"), ["subject_id"], unique=False)

    types = sa.table(
        "certification_type",
        *(
            sa.column(name)
            for name in ("code", "name", "synonyms", "is_social_economy", "usual_years", "sort_order")
        ),
    )
    op.bulk_insert(
        types,
        [
            {
                "code": code,
                "name": name,
                "synonyms": synonyms,
                "is_social_economy": is_social_economy,
                "usual_years": usual_years,
                "sort_order": position,
            }
            for position, (code, name, synonyms, is_social_economy, usual_years) in enumerate(TYPES, start=1)
        ],
    )
    accounts = sa.table(
        "account",
        *(sa.column(name) for name in ("login", "name", "role", "must_change_password", "is_enabled")),
        sa.column("created_at", sa.DateTime(timezone=True)),
    )
    op.bulk_insert(
        accounts,
        [
            {
                "login": "system",
                "name": "시스템",
                "role": "admin",
                "must_change_password": False,
                "is_enabled": True,
                "created_at": datetime(2026, 1, 1, tzinfo=UTC),
            }
        ],
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
    for table, key in APPEND_ONLY.items():
        forbid_changes(table, key)
    chain_must_grow()


def downgrade() -> None:
    with op.batch_alter_table("imported_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_imported_row_subject_id"))

    op.drop_table("imported_row")
    with op.batch_alter_table("spending", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_spending_fiscal_year_department_id"))

    op.drop_table("spending")
    op.drop_table("report_snapshot")
    with op.batch_alter_table("purchase_verdict", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchase_verdict_purchase_id"))

    op.drop_table("purchase_verdict")
    op.drop_table("purchase_revision")
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_purchase_id"))
        batch_op.drop_index(batch_op.f("ix_payment_paid_on"))
        batch_op.drop_index(batch_op.f("ix_payment_fiscal_year"))

    op.drop_table("payment")
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_batch_file_sha256"))

    op.drop_table("import_batch")
    with op.batch_alter_table("certification_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_event_certification_id"))

    op.drop_table("certification_event")
    with op.batch_alter_table("account_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_session_account_id"))

    op.drop_table("account_session")
    with op.batch_alter_table("vulnerable_share", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_vulnerable_share_enterprise_id"))

    op.drop_table("vulnerable_share")
    with op.batch_alter_table("purchase_rollup", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchase_rollup_month_basis"))

    op.drop_table("purchase_rollup")
    with op.batch_alter_table("purchase", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_purchase_purchased_on_amount"))
        batch_op.drop_index(batch_op.f("ix_purchase_fiscal_year_department_id"))
        batch_op.drop_index(batch_op.f("ix_purchase_enterprise_id_purchased_on"))
        batch_op.drop_index(batch_op.f("ix_purchase_department_id_purchased_on"))
        batch_op.drop_index(batch_op.f("ix_purchase_contract_number_contract_item"))

    op.drop_table("purchase")
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_product_normalised_name"))
        batch_op.drop_index(batch_op.f("ix_product_enterprise_id"))

    op.drop_table("product")
    with op.batch_alter_table("department_succession", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_department_succession_successor_id"))

    op.drop_table("department_succession")
    with op.batch_alter_table("certification", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_enterprise_id"))

    op.drop_table("certification")
    op.drop_table("account")
    with op.batch_alter_table("enterprise", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enterprise_normalised_name"))

    op.drop_table("enterprise")
    with op.batch_alter_table("department", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_department_parent_id"))
        batch_op.drop_index(batch_op.f("ix_department_name"))

    op.drop_table("department")
    op.drop_table("certification_type")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_event_subject_subject_id"))

    op.drop_table("audit_event")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS refuse_gap()")
        op.execute("DROP FUNCTION IF EXISTS refuse_change()")
