"""By how much the light over two photos that are alike differs."""

import sqlalchemy as sa
from alembic import op

revision = '20261130_light_of_likeness'
down_revision = '20261129_add_retention'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('likeness_match', sa.Column('light', sa.Float(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('likeness_match') as table:
        table.drop_column('light')
