"""Custody: openings of originals until the trail tells them, and checks of the store with what they found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '20261128_add_custody'
down_revision = '20261128_settle_flags'
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = sa.DateTime(timezone=True)
_WAITS = sa.text('event_id is null')


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        'original_opening',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('at', _MOMENT, nullable=False),
        sa.Column('actor_id', sa.Uuid(), nullable=False),
        sa.Column('photo_id', sa.Uuid(), nullable=False),
        sa.Column('sha256', sa.Text(), nullable=False),
        sa.Column('how', _choice('how', 'opened', 'weekly', 'export', 'package'), nullable=False),
        sa.Column('of', sa.Text(), nullable=True),
        sa.Column('event_id', _INT, nullable=True),
        sa.ForeignKeyConstraint(['event_id'], ['audit_event.id'], name=op.f('fk_original_opening_event_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_original_opening')),
    )
    op.create_index('ix_original_opening_photo_id_at', 'original_opening', ['photo_id', 'at'])
    op.create_index(
        'ix_original_opening_waits', 'original_opening', ['actor_id', 'at'], sqlite_where=_WAITS, postgresql_where=_WAITS
    )
    op.create_index('ix_original_opening_event_id', 'original_opening', ['event_id'])

    op.create_table(
        'original_check',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('started_at', _MOMENT, nullable=False),
        sa.Column('finished_at', _MOMENT, nullable=True),
        sa.Column('since', _MOMENT, nullable=True),
        sa.Column('sample', _INT, nullable=True),
        sa.Column('seed', sa.Text(), nullable=True),
        sa.Column('checked', _INT, nullable=False),
        sa.Column('bytes', _INT, nullable=False),
        sa.Column('differences', _INT, nullable=False),
        sa.Column('strays', _INT, nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_original_check')),
    )
    op.create_index('ix_original_check_started_at', 'original_check', ['started_at'])

    op.create_table(
        'original_difference',
        sa.Column('check_id', sa.Uuid(), nullable=False),
        sa.Column('sha256', sa.Text(), nullable=False),
        sa.Column('wrong', _choice('wrong', 'missing', 'size', 'bytes', 'unreadable'), nullable=False),
        sa.Column('size', _INT, nullable=False),
        sa.Column('found_size', _INT, nullable=True),
        sa.Column('found_sha256', sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(['check_id'], ['original_check.id'], name=op.f('fk_original_difference_check_id')),
        sa.PrimaryKeyConstraint('check_id', 'sha256', name=op.f('pk_original_difference')),
    )
    op.create_index('ix_original_difference_sha256', 'original_difference', ['sha256'])


def downgrade() -> None:
    op.drop_table('original_difference')
    op.drop_table('original_check')
    op.drop_table('original_opening')
