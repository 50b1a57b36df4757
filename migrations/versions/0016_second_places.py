"""a second place of somebody who was signed up by others, too."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ACTIVE = "status IN ('unconfirmed', 'pending', 'waitlisted', 'offered', 'confirmed')"


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("registration", sa.Column("is_double", sa.Boolean(), nullable=False, server_default=sa.false()))
    _one_place_for_a_person(f"{ACTIVE} AND NOT is_double")


def downgrade() -> None:
    """Take this version back. Second places of one person at one address get none, for there can't be two."""
    op.execute("UPDATE registration SET contact_id = NULL WHERE is_double")
    _one_place_for_a_person(ACTIVE)
    op.drop_column("registration", "is_double")


def _one_place_for_a_person(condition: str) -> None:
    op.drop_index("uq_registration_person", "registration")
    op.create_index(
        "uq_registration_person",
        "registration",
        ["event_id", "contact_id", "name_folded"],
        unique=True,
        sqlite_where=sa.text(condition),
        postgresql_where=sa.text(condition),
    )
