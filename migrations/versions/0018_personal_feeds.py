"""personal feeds, revisions of entries by mailbox, invitations by mail."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column(
        "organization", sa.Column("sends_invitations", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "own_entry",
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_own_entry_contact_id_contact")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_own_entry_event_id_event")),
        sa.PrimaryKeyConstraint("contact_id", "event_id", name=op.f("pk_own_entry")),
    )
    op.create_index(op.f("ix_own_entry_event_id"), "own_entry", ["event_id"])
    op.create_table(
        "personal_feed",
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=16), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("key_number", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("alarms", sa.String(length=12), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_personal_feed_contact_id_contact")),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_personal_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_personal_feed_token_hash")),
    )
    # What has been sent so far carried each registration's own count; the mailbox goes on above all of them.
    op.execute(
        "INSERT INTO own_entry (contact_id, event_id, changes, changed_at) "
        "SELECT contact_id, event_id, SUM(changes) + COUNT(*) - 1, MAX(changed_at) FROM registration "
        "WHERE contact_id IS NOT NULL GROUP BY contact_id, event_id"
    )


def downgrade() -> None:
    """Take this version back."""
    op.drop_table("personal_feed")
    op.drop_table("own_entry")
    op.drop_column("organization", "sends_invitations")
