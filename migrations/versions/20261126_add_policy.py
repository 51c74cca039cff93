"""The programme's policy with its history, and the calendar of working days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '20261126_add_policy'
down_revision = '20261126_close_the_loop'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        'policy',
        sa.Column('id', BIG, autoincrement=False, nullable=False),
        sa.Column('settings', sa.Text(), nullable=False),
        sa.Column('version', BIG, nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('updated_by', sa.Uuid(), nullable=True),
        sa.CheckConstraint('id = 1', name=op.f('ck_policy_one_row')),
        sa.ForeignKeyConstraint(['updated_by'], ['person.id'], name=op.f('fk_policy_updated_by')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_policy')),
    )
    op.create_table(
        'policy_change',
        sa.Column('id', BIG, autoincrement=True, nullable=False),
        sa.Column('version', BIG, nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('by', sa.Uuid(), nullable=True),
        sa.Column('field', sa.Text(), nullable=False),
        sa.Column('before', sa.Text(), nullable=False),
        sa.Column('after', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['by'], ['person.id'], name=op.f('fk_policy_change_by')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_policy_change')),
    )
    op.create_index('ix_policy_change_version', 'policy_change', ['version'])
    op.create_table(
        'calendar_day',
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('kind', sa.Enum('holiday', 'workday', name='specialday', native_enum=False, create_constraint=True,
                                  length=40), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('year', BIG, nullable=False),
        sa.PrimaryKeyConstraint('day', name=op.f('pk_calendar_day')),
    )
    op.create_index('ix_calendar_day_year', 'calendar_day', ['year'])


def downgrade() -> None:
    op.drop_table('calendar_day')
    op.drop_table('policy_change')
    op.drop_table('policy')
