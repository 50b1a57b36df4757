"""choosing sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.create_table(
        "session_wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("is_rather", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_session_wish_registration_id_registration")
        ),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_session_wish_session_id_session")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_wish")),
        sa.UniqueConstraint("registration_id", "session_id", name=op.f("uq_session_wish_registration_id_session_id")),
    )
    op.create_index(op.f("ix_session_wish_session_id"), "session_wish", ["session_id"], unique=False)
    # Each mode of an event has one pool of the event as a whole; where only sessions had any, nobody could sign up.
    op.execute(
        "INSERT INTO seat_pool (event_id, mode, taken, waiting) SELECT DISTINCT event_id, mode, 0, 0 FROM seat_pool p "
        "WHERE NOT EXISTS (SELECT 1 FROM seat_pool w WHERE w.event_id = p.event_id AND w.mode = p.mode "
        "AND w.session_id IS NULL AND w.partner_id IS NULL)"
    )


def downgrade() -> None:
    """Take this version back."""
    op.drop_index(op.f("ix_session_wish_session_id"), table_name="session_wish")
    op.drop_table("session_wish")
