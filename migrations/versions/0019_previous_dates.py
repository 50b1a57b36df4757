"""what the public was told before an event was moved."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.create_table(
        "previous_start",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_previous_start_event_id_event")),
        sa.PrimaryKeyConstraint("event_id", "starts_at", name=op.f("pk_previous_start")),
    )
    op.add_column("event", sa.Column("moved_online_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take this version back."""
    op.drop_column("event", "moved_online_at")
    op.drop_table("previous_start")
