"""questions: the library, what events ask, and answers."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("label", sa.JSON(), nullable=False),
        sa.Column("help", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("lowest", sa.Integer(), nullable=True),
        sa.Column("highest", sa.Integer(), nullable=True),
        sa.Column("keep_days", sa.Integer(), nullable=True),
        sa.Column("is_archived", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_question_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("organization_id", "key", name=op.f("uq_question_organization_id_key")),
    )
    op.create_table(
        "event_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("only_if_id", sa.Integer(), nullable=True),
        sa.Column("only_if_codes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_question_event_id_event")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_event_question_question_id_question")),
        sa.ForeignKeyConstraint(["only_if_id"], ["question.id"], name=op.f("fk_event_question_only_if_id_question")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_question")),
        sa.UniqueConstraint("event_id", "question_id", name=op.f("uq_event_question_event_id_question_id")),
    )
    op.create_index(op.f("ix_event_question_question_id"), "event_question", ["question_id"])
    op.create_table(
        "question_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("folded", sa.String(length=200), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_question_answer_registration_id_registration")
        ),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_question_answer_question_id_question")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_answer")),
        sa.UniqueConstraint(
            "registration_id", "question_id", name=op.f("uq_question_answer_registration_id_question_id")
        ),
    )
    op.create_index("ix_question_answer_question_id_folded", "question_answer", ["question_id", "folded"])
    op.add_column("event", sa.Column("asks_questions", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Take this version back."""
    op.drop_column("event", "asks_questions")
    op.drop_table("question_answer")
    op.drop_table("event_question")
    op.drop_table("question")
