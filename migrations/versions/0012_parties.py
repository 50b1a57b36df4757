"""people who sign up together."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("event", sa.Column("largest_party", sa.Integer(), nullable=False, server_default="1"))
    party_id = sa.Column(
        "party_id", sa.Integer(), sa.ForeignKey("registration.id", name="fk_registration_party_id_registration")
    )
    op.add_column("registration", party_id, inline_references=True)
    op.create_index("ix_registration_party_id", "registration", ["party_id"])
    op.add_column("registration", sa.Column("stays_together", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Take this version back."""
    op.drop_column("registration", "stays_together")
    op.drop_index("ix_registration_party_id", "registration")
    with op.batch_alter_table("registration") as batch_op:
        batch_op.drop_column("party_id")
    op.drop_column("event", "largest_party")
