"""how somebody has come so far who comes another way now."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("registration", sa.Column("ways_before", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take this version back."""
    op.drop_column("registration", "ways_before")
