"""answers."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("event", sa.Column("reconfirm_days", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("event", sa.Column("release_hours", sa.Integer(), nullable=False, server_default="24"))
    op.add_column("registration", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("registration", sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take this version back."""
    op.drop_column("registration", "replied_at")
    op.drop_column("registration", "asked_at")
    op.drop_column("event", "release_hours")
    op.drop_column("event", "reconfirm_days")
