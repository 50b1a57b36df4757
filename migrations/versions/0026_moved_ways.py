"""since when an event that was to be held online, too, is in the hall only, and a meeting online only."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("event", sa.Column("moved_to_hall_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("session", sa.Column("moved_online_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take this version back."""
    op.drop_column("session", "moved_online_at")
    op.drop_column("event", "moved_to_hall_at")
