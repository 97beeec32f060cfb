"""Procurement schemes with their rules, targets, deadlines, budgets and plans."""

import json
from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ALL = ["goods", "services", "works"]
WITHOUT_WORKS = ["goods", "services"]
# Known schemes, editable afterwards: code, name, law, statutory?, types, kinds, recipient.
SCHEMES = [
    (
        "social_enterprise", "사회적기업 제품 우선구매", "사회적기업 육성법 제12조, 같은 법 시행령 제12조의2",
        True, ["social"], ALL, "고용노동부장관",
    ),
    ("sme", "중소기업제품 공공구매", "판로지원법 제4조·제5조", True, [], ALL, "중소벤처기업부장관"),
    (
        "women", "여성기업제품 우선구매", "여성기업지원법 제9조, 같은 법 시행령 제7조",
        True, ["women_owned"], ALL, "중소벤처기업부장관",
    ),
    (
        "disabled_owned", "장애인기업제품 우선구매", "장애인기업활동 촉진법 제9조의2",
        True, ["disabled_owned"], ALL, "중소벤처기업부장관",
    ),
    (
        "severe_disability", "중증장애인생산품 우선구매", "중증장애인생산품 우선구매 특별법 제7조",
        True, ["severe_disability"], WITHOUT_WORKS, "보건복지부장관",
    ),
    (
        "standard_workplace", "장애인 표준사업장 생산품 우선구매", "장애인고용촉진 및 직업재활법 제22조의3",
        True, ["standard_workplace"], WITHOUT_WORKS, "고용노동부장관",
    ),
    (
        "social_coop", "사회적협동조합 제품 우선구매", "협동조합 기본법 제95조의2",
        True, ["social_coop"], ALL, "기획재정부장관",
    ),
    ("self_support", "자활기업 생산품", "국민기초생활 보장법 제18조", False, ["self_support"], ALL, ""),
    ("village", "마을기업 제품", "자체 기준", False, ["village"], ALL, ""),
    ("preliminary", "예비사회적기업 제품", "자체 기준", False, ["preliminary"], ALL, ""),
    ("coop", "협동조합 제품", "자체 기준", False, ["coop"], ALL, ""),
    (
        "social_economy", "사회적경제 합계(자체 기준)", "자체 기준", False,
        ["coop", "preliminary", "self_support", "social", "social_coop", "village"], ALL, "",
    ),
]  # fmt: skip
# Rates set by law or notice for 2025; for later years a person sets them.
FIRST_YEAR = 2025
TARGETS = [
    ("sme", "", "0.5", "판로지원법 시행령 제5조"),
    ("women", "goods", "0.05", "여성기업지원법 시행령 제7조"),
    ("women", "services", "0.05", "여성기업지원법 시행령 제7조"),
    ("women", "works", "0.03", "여성기업지원법 시행령 제7조"),
    ("disabled_owned", "", "0.01", "장애인기업활동 촉진법 시행령"),
    ("severe_disability", "", "0.011", "2025년 고시(법 제7조: 100분의 2 범위)"),
]
# The results of a year are due in the next.
DEADLINES = [
    ("sme", "2026-01-31", "submission", "중소기업제품 구매실적·구매계획 제출"),
    ("women", "2026-01-31", "submission", "여성기업제품 구매실적·구매계획 제출"),
    ("disabled_owned", "2026-01-31", "submission", "장애인기업제품 구매실적·구매계획 제출"),
    ("severe_disability", "2026-01-31", "submission", "중증장애인생산품 구매실적·구매계획 제출"),
    ("social_enterprise", "2026-02-28", "submission", "사회적기업 제품 구매실적·구매계획 제출"),
    ("social_coop", "2026-02-28", "submission", "사회적협동조합 제품 구매실적·구매계획 제출"),
    ("standard_workplace", "2026-02-28", "submission", "장애인 표준사업장 생산품 구매실적·구매계획 제출"),
    ("social_enterprise", "2026-04-30", "notice", "고용노동부 장관의 구매실적·구매계획 공고"),
]


def upgrade() -> None:
    scheme = op.create_table(
        "scheme",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("law", sa.String(length=200), nullable=False),
        sa.Column("is_statutory", sa.Boolean(), nullable=False),
        sa.Column("sort_order", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_scheme")),
        sa.UniqueConstraint("name", name=op.f("uq_scheme_name")),
    )
    rule = op.create_table(
        "scheme_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(length=40), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("notice", sa.String(length=200), nullable=False),
        sa.Column("types", sa.Text(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("excluded_items", sa.Text(), nullable=False),
        sa.Column("with_affiliated", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.String(length=32), nullable=False),
        sa.Column("recipient", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["scheme"], ["scheme.code"], name=op.f("fk_scheme_rule_scheme_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_rule")),
        sa.UniqueConstraint("scheme", "fiscal_year", name=op.f("uq_scheme_rule_scheme_fiscal_year")),
    )
    target = op.create_table(
        "target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(length=40), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("rate", sa.String(length=40), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("ground", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["scheme"], ["scheme.code"], name=op.f("fk_target_scheme_scheme")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_target_department_id_department")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target")),
        sa.UniqueConstraint(
            "fiscal_year",
            "scheme",
            "department_id",
            "kind",
            name=op.f("uq_target_fiscal_year_scheme_department_id_kind"),
        ),
    )
    op.create_index(
        "uq_target_institution",
        "target",
        ["fiscal_year", "scheme", "kind"],
        unique=True,
        sqlite_where=sa.text("department_id IS NULL"),
        postgresql_where=sa.text("department_id IS NULL"),
    )
    deadline = op.create_table(
        "deadline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(length=40), nullable=True),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["scheme"], ["scheme.code"], name=op.f("fk_deadline_scheme_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline")),
    )
    op.create_index(op.f("ix_deadline_due_on"), "deadline", ["due_on"])
    op.create_table(
        "purchasable_budget",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_purchasable_budget_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["account.id"], name=op.f("fk_purchasable_budget_actor_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchasable_budget")),
    )
    op.create_index(
        op.f("ix_purchasable_budget_fiscal_year_department_id"),
        "purchasable_budget",
        ["fiscal_year", "department_id"],
    )
    op.create_table(
        "planned_purchase",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(length=40), nullable=False),
        sa.Column("item", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("quantity", sa.String(length=40), nullable=True),
        sa.Column("unit", sa.String(length=30), nullable=False),
        sa.Column("planned_month", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_planned_purchase_department_id_department")
        ),
        sa.ForeignKeyConstraint(["scheme"], ["scheme.code"], name=op.f("fk_planned_purchase_scheme_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_purchase")),
    )
    op.create_index(
        op.f("ix_planned_purchase_fiscal_year_department_id"),
        "planned_purchase",
        ["fiscal_year", "department_id"],
    )
    op.bulk_insert(
        scheme,
        [
            {"code": code, "name": name, "law": law, "is_statutory": is_statutory, "sort_order": position}
            for position, (code, name, law, is_statutory, *_) in enumerate(SCHEMES)
        ],
    )
    op.bulk_insert(
        rule,
        [
            {
                "scheme": code,
                "fiscal_year": FIRST_YEAR,
                "notice": "",
                "types": json.dumps(types),
                "kinds": json.dumps(kinds),
                "excluded_items": "[]",
                "with_affiliated": False,
                "basis": "contract",
                "recipient": recipient,
                "version": 1,
            }
            for code, _name, _law, _is_statutory, types, kinds, recipient in SCHEMES
        ],
    )
    op.bulk_insert(
        target,
        [
            {
                "scheme": code,
                "fiscal_year": FIRST_YEAR,
                "department_id": None,
                "kind": kind,
                "rate": rate,
                "amount": None,
                "ground": ground,
                "version": 1,
            }
            for code, kind, rate, ground in TARGETS
        ],
    )
    op.bulk_insert(
        deadline,
        [
            {
                "scheme": code,
                "fiscal_year": FIRST_YEAR,
                "due_on": date.fromisoformat(due_on),
                "kind": kind,
                "title": title,
                "version": 1,
            }
            for code, due_on, kind, title in DEADLINES
        ],
    )


def downgrade() -> None:
    for table in ("planned_purchase", "purchasable_budget", "deadline", "target", "scheme_rule", "scheme"):
        op.drop_table(table)
