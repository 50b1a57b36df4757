"""reminders."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("event", sa.Column("reminder_hours", sa.Integer(), nullable=False, server_default="24"))
    op.add_column("event", sa.Column("late_reminder_hours", sa.Integer(), nullable=False, server_default="2"))
    op.create_table(
        "reminder_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("up_to", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_reminder_round_session_id_session")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_round")),
        sa.UniqueConstraint(
            "session_id", "starts_at", "hours", name=op.f("uq_reminder_round_session_id_starts_at_hours")
        ),
    )


def downgrade() -> None:
    """Take this version back."""
    op.drop_table("reminder_round")
    op.drop_column("event", "late_reminder_hours")
    op.drop_column("event", "reminder_hours")
