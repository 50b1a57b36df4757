"""deadline of changes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("event", sa.Column("change_lead_hours", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Take this version back."""
    op.drop_column("event", "change_lead_hours")
