"""Exports know how often their maker had lost something when they were made; what is told to one person is counted quickly."""

import sqlalchemy as sa
from alembic import op

revision = '20261201_withdraw_exports'
down_revision = '20261130_light_of_likeness'
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_ONES = 'person_id is not null'


def upgrade() -> None:
    op.add_column('export', sa.Column('losses', _INT, nullable=True))
    op.create_index(
        'ix_change_person_id', 'change', ['person_id'], sqlite_where=sa.text(_ONES), postgresql_where=sa.text(_ONES)
    )


def downgrade() -> None:
    op.drop_index('ix_change_person_id', 'change')
    with op.batch_alter_table('export') as table:
        table.drop_column('losses')
