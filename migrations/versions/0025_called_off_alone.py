"""whether a session was called off while the event went on."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# Of a cancelled event these are the sessions that the deed didn't change, where it changed any.
ALONE = """
UPDATE session SET called_off_alone = true
WHERE session.status = 'cancelled' AND EXISTS (
    SELECT 1 FROM event
    WHERE event.id = session.event_id AND (
        event.status <> 'cancelled'
        OR session.changed_at < event.cancelled_at AND EXISTS (
            SELECT 1 FROM session AS lost WHERE lost.event_id = event.id AND lost.changed_at >= event.cancelled_at
        )
    )
)
"""


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("session", sa.Column("called_off_alone", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(ALONE)


def downgrade() -> None:
    """Take this version back."""
    op.drop_column("session", "called_off_alone")
