"""former starts belong to meetings instead of events."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# Which meeting it was isn't known, but an event is nearly always moved while it has one, and that one stays the first.
# What another meeting starts at was never a former start: the event only began with another one meanwhile.
BY_MEETING = """
INSERT INTO previous_start (session_id, starts_at, zone, moved_at)
SELECT
    (
        SELECT session.id FROM session WHERE session.event_id = event.id
        ORDER BY session.position, session.id LIMIT 1
    ),
    former.starts_at,
    coalesce(former.zone, event.zone),
    former.moved_at
FROM previous_start_before AS former
JOIN event ON event.id = former.event_id
WHERE former.starts_at NOT IN (SELECT session.starts_at FROM session WHERE session.event_id = event.id)
AND EXISTS (SELECT 1 FROM session WHERE session.event_id = event.id)
"""
BY_EVENT = """
INSERT INTO previous_start (event_id, starts_at, zone, moved_at)
SELECT session.event_id, former.starts_at, min(former.zone), max(former.moved_at)
FROM previous_start_before AS former
JOIN session ON session.id = former.session_id
GROUP BY session.event_id, former.starts_at
"""


def upgrade() -> None:
    """Bring the tables to this version."""
    _make_anew("session", BY_MEETING, sa.Column("zone", sa.String(64), nullable=False))


def downgrade() -> None:
    """Take this version back."""
    _make_anew("event", BY_EVENT, sa.Column("zone", sa.String(64), nullable=True))


def _make_anew(owner: str, rows: str, zone: sa.Column[str]) -> None:
    """Make the table of another owner, for its primary key is another one, and fill it from the one before."""
    op.execute("CREATE TEMPORARY TABLE previous_start_before AS SELECT * FROM previous_start")
    op.drop_table("previous_start")
    op.create_table(
        "previous_start",
        sa.Column(f"{owner}_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        zone,
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint([f"{owner}_id"], [f"{owner}.id"], name=op.f(f"fk_previous_start_{owner}_id_{owner}")),
        sa.PrimaryKeyConstraint(f"{owner}_id", "starts_at", name=op.f("pk_previous_start")),
    )
    op.execute(rows)
    op.execute("DROP TABLE previous_start_before")
