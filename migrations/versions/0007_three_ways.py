"""three ways."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("event", sa.Column("confirm_minutes", sa.Integer(), nullable=False, server_default="60"))
    op.add_column("registration", sa.Column("hold_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_registration_hold_until", "registration", ["hold_until"], unique=False)


def downgrade() -> None:
    """Take this version back."""
    op.drop_index("ix_registration_hold_until", table_name="registration")
    op.drop_column("registration", "hold_until")
    op.drop_column("event", "confirm_minutes")
