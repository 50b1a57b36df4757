"""an event's address is no key, so that nobody who signs up waits for a new one."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    with op.batch_alter_table("event") as batch_op:
        batch_op.drop_constraint("uq_event_slug", type_="unique")
    op.create_index("uq_event_slug", "event", ["slug"], unique=True, postgresql_where=sa.text("slug IS NOT NULL"))


def downgrade() -> None:
    """Take this version back."""
    op.drop_index("uq_event_slug", "event")
    with op.batch_alter_table("event") as batch_op:
        batch_op.create_unique_constraint("uq_event_slug", ["slug"])
