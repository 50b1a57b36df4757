"""how many events of a series one person may sign up for."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("series", sa.Column("per_person", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Take this version back."""
    op.drop_column("series", "per_person")
