"""waiting list."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("event", sa.Column("has_waiting_list", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("event", sa.Column("offer_lead_hours", sa.Integer(), nullable=False, server_default="24"))
    op.add_column("event", sa.Column("offer_hours", sa.Integer(), nullable=False, server_default="4"))
    op.create_table(
        "waiting_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["pool_id"], ["seat_pool.id"], name=op.f("fk_waiting_entry_pool_id_seat_pool")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_waiting_entry_registration_id_registration")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_entry")),
        sa.UniqueConstraint("registration_id", "pool_id", name=op.f("uq_waiting_entry_registration_id_pool_id")),
    )
    with op.batch_alter_table("waiting_entry", schema=None) as batch_op:
        batch_op.create_index("ix_waiting_entry_pool_id_id", ["pool_id", "id"], unique=False)
        batch_op.create_index("ix_waiting_entry_offer_until", ["offer_until"], unique=False)


def downgrade() -> None:
    """Take this version back."""
    op.drop_table("waiting_entry")
    op.execute("UPDATE seat_pool SET waiting = 0")  # or nobody could ever sign up again
    # Not in a batch: that makes the table anew, and SQLite would look for all rows that point to the old one.
    for name in ("offer_hours", "offer_lead_hours", "has_waiting_list"):
        op.drop_column("event", name)
