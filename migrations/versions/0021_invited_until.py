"""until when an organization's mails were invitations, for those who have one."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("organization", sa.Column("invited_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take this version back."""
    op.drop_column("organization", "invited_until")
