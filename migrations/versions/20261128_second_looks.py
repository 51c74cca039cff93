"""The weekly sample of approved reports for a second look."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '20261128_second_looks'
down_revision = '20261127_object_once_per_firm'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('second_look_week',
    sa.Column('week', sa.Text(), nullable=False),
    sa.Column('drawn_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('percent', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('flag_weight', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reports', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('chosen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('week', name=op.f('pk_second_look_week'))
    )
    op.create_table('second_look',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('week', sa.Text(), nullable=False),
    sa.Column('report_id', sa.Uuid(), nullable=False),
    sa.Column('weight', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('flags', sa.Text(), nullable=False),
    sa.Column('verdict', sa.Enum('agree', 'disagree', name=op.f('ck_second_look_verdict'), native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('comment', sa.Text(), nullable=True),
    sa.Column('looked_by', sa.Uuid(), nullable=True),
    sa.Column('looked_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('(verdict is null) = (looked_by is null)', name=op.f('ck_second_look_looked')),
    sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_second_look_report_id')),
    sa.ForeignKeyConstraint(['week'], ['second_look_week.week'], name=op.f('fk_second_look_week')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_second_look')),
    sa.UniqueConstraint('week', 'report_id', name=op.f('uq_second_look_week_report_id'))
    )
    with op.batch_alter_table('second_look', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_second_look_report_id'), ['report_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('second_look', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_second_look_report_id'))

    op.drop_table('second_look')
    op.drop_table('second_look_week')
