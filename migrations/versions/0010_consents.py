"""consents that are no longer asked for, and words for organizations that have none."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WORDING = {
    "en": "I agree that the organizer keeps my name and address to hold this event.",
    "ru": "Я даю согласие на то, чтобы организатор хранил моё имя и адрес для проведения этого события.",
}


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("consent_text", sa.Column("is_asked", sa.Boolean(), nullable=False, server_default=sa.true()))
    texts = sa.table(
        "consent_text",
        sa.column("organization_id", sa.Integer()),
        sa.column("purpose", sa.String()),
        sa.column("version", sa.Integer()),
        sa.column("wording", sa.JSON()),
        sa.column("is_required", sa.Boolean()),
        sa.column("is_asked", sa.Boolean()),
        sa.column("created_at", sa.DateTime(timezone=True)),
    )
    organizations = sa.table("organization", sa.column("id", sa.Integer()))
    asking = sa.select(texts.c.organization_id).where(texts.c.purpose == "personal_data")
    connection = op.get_bind()
    silent = connection.execute(sa.select(organizations.c.id).where(organizations.c.id.not_in(asking))).scalars().all()
    at = dt.datetime.now(dt.UTC)
    if connection.dialect.name == "sqlite":
        at = at.replace(tzinfo=None)
    for organization_id in silent:
        connection.execute(
            texts.insert().values(
                organization_id=organization_id,
                purpose="personal_data",
                version=1,
                wording=WORDING,
                is_required=True,
                is_asked=True,
                created_at=at,
            )
        )


def downgrade() -> None:
    """Take this version back."""
    op.drop_column("consent_text", "is_asked")
