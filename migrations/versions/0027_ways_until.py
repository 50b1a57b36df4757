"""until when an event goes on in a hall, and online, where it ends later."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

EVENT = sa.table("event", *(sa.column(name) for name in ("id", "ends_at", "in_person_until", "online_until")))
SESSION = sa.table(
    "session",
    sa.column("event_id"),
    sa.column("ends_at"),
    *(sa.column(name, sa.Boolean()) for name in ("called_off_alone", "is_in_person", "is_online")),
)


def upgrade() -> None:
    """Bring the tables to this version."""
    for until, held in (("in_person_until", SESSION.c.is_in_person), ("online_until", SESSION.c.is_online)):
        op.add_column("event", sa.Column(until, sa.DateTime(timezone=True), nullable=True))
        last = sa.select(sa.func.max(SESSION.c.ends_at)).where(
            SESSION.c.event_id == EVENT.c.id, ~SESSION.c.called_off_alone, held
        )
        op.execute(EVENT.update().values({until: last.scalar_subquery()}))
        op.execute(EVENT.update().where(EVENT.c[until] >= EVENT.c.ends_at).values({until: None}))


def downgrade() -> None:
    """Take this version back."""
    op.drop_column("event", "online_until")
    op.drop_column("event", "in_person_until")
