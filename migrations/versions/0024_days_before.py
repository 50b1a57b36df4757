"""whether a former start was of whole days."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# What was told then isn't known, but days seldom become hours.
AS_NOW = """
UPDATE previous_start
SET is_all_day = (SELECT session.is_all_day FROM session WHERE session.id = previous_start.session_id)
"""


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("previous_start", sa.Column("is_all_day", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(AS_NOW)


def downgrade() -> None:
    """Take this version back."""
    op.drop_column("previous_start", "is_all_day")
