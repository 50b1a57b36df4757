"""parents and guardians of people under 18."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("event", sa.Column("asks_guardian", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("registration", sa.Column("guardian_name", sa.String(length=200), nullable=True))
    op.add_column("registration", sa.Column("guardian_agreed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take this version back."""
    op.drop_column("registration", "guardian_agreed_at")
    op.drop_column("registration", "guardian_name")
    op.drop_column("event", "asks_guardian")
