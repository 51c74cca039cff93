"""A flag is answered, settled or withdrawn; the ways and clocks of phones, from which some flags are worked out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '20261128_settle_flags'
down_revision = '20261128_second_looks'
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_COLUMNS = ('answered_by', sa.Uuid()), ('answered_at', _MOMENT), ('answer', sa.Text()), ('withdrawn_at', _MOMENT)
_RULES = {
    'settled': '(settled_at is null) = (settled_by is null) and (settled_at is null) = (settled_reason is null)',
    'answered': '(answered_at is null) = (answered_by is null) and (answered_at is null) = (answer is null)',
    'withdrawn': 'withdrawn_at is null or settled_at is null',
}


def upgrade() -> None:
    with op.batch_alter_table('flag') as batch:
        for name, kind in _COLUMNS:
            batch.add_column(sa.Column(name, kind, nullable=True))
        for name, rule in _RULES.items():
            batch.create_check_constraint(op.f(f'ck_flag_{name}'), rule)
        batch.create_index('ix_flag_report_id', ['report_id'])
    op.create_table(
        'device_clock',
        sa.Column('device_id', sa.Text(), nullable=False),
        sa.Column('skew_s', sa.Double(), nullable=False),
        sa.Column('measured_at', _MOMENT, nullable=False),
        sa.Column('readings', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('device_id', name=op.f('pk_device_clock')),
    )
    op.create_table(
        'device_fix',
        sa.Column('report_id', sa.Uuid(), nullable=False),
        sa.Column('object_id', sa.Uuid(), nullable=False),
        sa.Column('device_id', sa.Text(), nullable=False),
        sa.Column('at', _MOMENT, nullable=False),
        sa.Column('lat', sa.Double(), nullable=False),
        sa.Column('lng', sa.Double(), nullable=False),
        sa.Column('accuracy_m', sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_device_fix_report_id')),
        sa.PrimaryKeyConstraint('report_id', 'object_id', name=op.f('pk_device_fix')),
    )
    op.create_index('ix_device_fix_device_id_at', 'device_fix', ['device_id', 'at'])


def downgrade() -> None:
    """What was withdrawn stood nowhere, and would stand again."""
    op.execute('delete from flag where withdrawn_at is not null')
    op.drop_table('device_fix')
    op.drop_table('device_clock')
    with op.batch_alter_table('flag') as batch:
        batch.drop_index('ix_flag_report_id')
        for name in reversed(_RULES):
            batch.drop_constraint(op.f(f'ck_flag_{name}'), type_='check')
        for name, _ in reversed(_COLUMNS):
            batch.drop_column(name)
