"""how many seats those need who wait and need fewest."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

FEWEST = """
    SELECT pool_id, MIN(CASE WHEN party IS NULL THEN 1 ELSE size END) FROM (
        SELECT entry.pool_id AS pool_id, COUNT(*) AS size,
            CASE WHEN pool.session_id IS NULL AND person.stays_together THEN person.party_id END AS party
        FROM waiting_entry AS entry
        JOIN registration AS person ON person.id = entry.registration_id
        JOIN seat_pool AS pool ON pool.id = entry.pool_id
        WHERE entry.offer_until IS NULL
        GROUP BY entry.pool_id, CASE WHEN pool.session_id IS NULL AND person.stays_together THEN person.party_id END
    ) AS people
    GROUP BY pool_id
"""


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("seat_pool", sa.Column("fewest", sa.Integer(), nullable=False, server_default="0"))
    for pool_id, fewest in op.get_bind().execute(sa.text(FEWEST)).all():
        op.execute(
            sa.text("UPDATE seat_pool SET fewest = :fewest WHERE id = :id").bindparams(fewest=fewest, id=pool_id)
        )


def downgrade() -> None:
    """Take this version back."""
    op.drop_column("seat_pool", "fewest")
