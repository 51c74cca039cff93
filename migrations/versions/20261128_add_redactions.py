"""Black boxes over parts of photos."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '20261128_add_redactions'
down_revision = '20261128_add_custody'
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_PEOPLE = ('by', 'lifted_by')


def upgrade() -> None:
    op.create_table(
        'redaction',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('sha256', sa.Text(), nullable=False),
        sa.Column('photo_id', sa.Uuid(), nullable=False),
        sa.Column('boxes', sa.Text(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('by', sa.Uuid(), nullable=False),
        sa.Column('at', _MOMENT, nullable=False),
        sa.Column('lifted_by', sa.Uuid(), nullable=True),
        sa.Column('lifted_at', _MOMENT, nullable=True),
        sa.Column('lifted_reason', sa.Text(), nullable=True),
        sa.CheckConstraint('(lifted_at is null) = (lifted_by is null)', name=op.f('ck_redaction_lifted')),
        sa.ForeignKeyConstraint(['sha256'], ['original.sha256'], name=op.f('fk_redaction_sha256')),
        sa.ForeignKeyConstraint(['photo_id'], ['photo.id'], name=op.f('fk_redaction_photo_id')),
        *(sa.ForeignKeyConstraint([name], ['person.id'], name=op.f(f'fk_redaction_{name}')) for name in _PEOPLE),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_redaction')),
    )
    op.create_index(op.f('ix_redaction_sha256'), 'redaction', ['sha256'])


def downgrade() -> None:
    op.drop_table('redaction')
