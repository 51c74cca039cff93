"""A fence in GCJ-02 or BD-09 is kept as received too, beside its polygon in WGS-84."""

import sqlalchemy as sa
from alembic import op

revision = '20261202_keep_fences_received'
down_revision = '20261201_withdraw_exports'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('site', sa.Column('fence_received', sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('site') as table:
        table.drop_column('fence_received')
