"""A restored database begins another life, which the phones' cursors tell apart."""

import sqlalchemy as sa
from alembic import op

revision = '20261203_change_life'
down_revision = '20261202_keep_fences_received'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'change_life',
        sa.Column('mark', sa.Text(), nullable=False),
        sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('mark', name=op.f('pk_change_life')),
    )


def downgrade() -> None:
    op.drop_table('change_life')
