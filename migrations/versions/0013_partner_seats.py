"""seats kept for partners."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def upgrade() -> None:
    """Bring the tables to this version."""
    for column in (
        sa.Column("public_id", sa.String(length=16), nullable=False, server_default=""),
        sa.Column("code", sa.String(length=12), nullable=False, server_default=""),
        sa.Column("seats_in_person", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("seats_online", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("release_days", sa.Integer(), nullable=False, server_default="7"),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shows_names", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("page_hash", sa.LargeBinary(length=16), nullable=True),
        sa.Column("page_generation", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("key_number", sa.Integer(), nullable=True),
    ):
        op.add_column("event_partner", column)
    _name_partners()
    # No batch: that would make the tables anew, and SQLite look for all rows that point to the old ones.
    for name in ("public_id", "code", "page_hash"):
        op.create_index(f"uq_event_partner_{name}", "event_partner", [name], unique=True)
    op.add_column("seat_pool", sa.Column("kept_until", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "ALTER TABLE registration ADD COLUMN partner_id INTEGER "
        "CONSTRAINT fk_registration_partner_id_event_partner REFERENCES event_partner (id)"
    )
    op.create_index(op.f("ix_registration_partner_id"), "registration", ["partner_id"], unique=False)


def _name_partners() -> None:
    """Partners of old get a name for machines and a code for their link."""
    partner = sa.table("event_partner", sa.column("id"), sa.column("public_id"), sa.column("code"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(partner.c.id)).all():
        code = "".join(secrets.choice(LETTERS) for _letter in range(10))
        named = sa.update(partner).where(partner.c.id == row.id)
        connection.execute(named.values(public_id=secrets.token_hex(8), code=code))


def downgrade() -> None:
    """Take this version back.."""
    op.drop_index(op.f("ix_registration_partner_id"), table_name="registration")
    op.drop_column("registration", "partner_id")
    op.drop_column("seat_pool", "kept_until")
    for name in ("page_hash", "code", "public_id"):
        op.drop_index(f"uq_event_partner_{name}", table_name="event_partner")
    for name in (
        *("key_number", "page_generation", "page_hash", "shows_names", "released_at", "release_days"),
        *("seats_online", "seats_in_person", "code", "public_id"),
    ):
        op.drop_column("event_partner", name)
