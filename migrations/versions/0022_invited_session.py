"""the invitation that a mailbox's calendar has, instead of when such were sent; and whose clocks a former start had."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# Whoever had a seat while mails were invitations, at an event with one meeting, was sent one.
KNOWN = """
UPDATE own_entry SET
    invited_session_id = (SELECT min(session.id) FROM session WHERE session.event_id = own_entry.event_id),
    invited_sequence = changes
        + (SELECT min(session.sequence) FROM session WHERE session.event_id = own_entry.event_id)
WHERE (SELECT count(*) FROM session WHERE session.event_id = own_entry.event_id) = 1
AND EXISTS (
    SELECT 1 FROM registration
    JOIN event ON event.id = registration.event_id
    JOIN organization ON organization.id = event.organization_id
    WHERE registration.contact_id = own_entry.contact_id
    AND registration.event_id = own_entry.event_id
    AND registration.status = 'confirmed'
    AND (organization.sends_invitations OR registration.confirmed_at <= organization.invited_until)
)
"""


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("own_entry", sa.Column("invited_session_id", sa.Integer(), nullable=True))
    op.add_column("own_entry", sa.Column("invited_sequence", sa.Integer(), nullable=True))
    op.execute(KNOWN)
    op.add_column("previous_start", sa.Column("zone", sa.String(64), nullable=True))
    op.drop_column("organization", "invited_until")


def downgrade() -> None:
    """Take this version back."""
    op.drop_column("previous_start", "zone")
    op.add_column("organization", sa.Column("invited_until", sa.DateTime(timezone=True), nullable=True))
    op.drop_column("own_entry", "invited_sequence")
    op.drop_column("own_entry", "invited_session_id")
