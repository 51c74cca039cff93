"""What photos look like, and which are alike; those that are here already are looked at by a job."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = '20261128_add_likeness'
down_revision = '20261128_add_redactions'
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_WHOLE = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_KINDS = "('likeness', 'likeness-judge', 'likeness-backfill')"


def upgrade() -> None:
    op.create_table(
        'likeness_print',
        sa.Column('seq', _WHOLE, autoincrement=True, nullable=False),
        sa.Column('sha256', sa.Text(), nullable=False),
        sa.Column('bits', sa.LargeBinary(), nullable=True),
        sa.Column('made_at', _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ['sha256'], ['original.sha256'], name=op.f('fk_likeness_print_sha256'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('seq', name=op.f('pk_likeness_print')),
        sa.UniqueConstraint('sha256', name=op.f('uq_likeness_print_sha256')),
    )
    op.create_table(
        'likeness_match',
        sa.Column('sha256', sa.Text(), nullable=False),
        sa.Column('other_sha256', sa.Text(), nullable=False),
        sa.Column('copy', sa.Boolean(), nullable=False),
        sa.Column('mirrored', sa.Boolean(), nullable=False),
        sa.Column('cut', sa.Float(), nullable=False),
        sa.Column('distance', _WHOLE, nullable=False),
        sa.Column('likeness', sa.Float(), nullable=False),
        sa.Column('fitting', sa.Float(), nullable=False),
        sa.Column('drift', sa.Float(), nullable=False),
        sa.Column('found_at', _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ['other_sha256'], ['original.sha256'], name=op.f('fk_likeness_match_other_sha256'), ondelete='CASCADE'
        ),
        sa.ForeignKeyConstraint(
            ['sha256'], ['original.sha256'], name=op.f('fk_likeness_match_sha256'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('sha256', 'other_sha256', name=op.f('pk_likeness_match')),
    )
    op.create_index(op.f('ix_likeness_match_other_sha256'), 'likeness_match', ['other_sha256'])
    _look_at_those_that_are_here()


def downgrade() -> None:
    op.execute(f'delete from job where kind in {_KINDS}')
    op.execute("delete from flag where code = 'seen-before'")  # nothing else has raised one
    op.drop_table('likeness_match')
    op.drop_table('likeness_print')


def _look_at_those_that_are_here() -> None:
    """One job, which leaves the next: millions of them would keep others waiting."""
    if op.get_bind().execute(sa.text('select 1 from original limit 1')).first() is None:
        return
    job = sa.table(
        'job', sa.column('id', sa.Uuid()), sa.column('kind'), sa.column('key'), sa.column('payload'),
        sa.column('state'), sa.column('run_at', _MOMENT), sa.column('attempts', sa.Integer()),
        sa.column('progress', sa.Integer()), sa.column('created_at', _MOMENT),
    )
    now = datetime.now(UTC)
    if op.get_bind().dialect.name == 'sqlite':
        now = now.replace(tzinfo=None)  # as the models keep moments there
    op.bulk_insert(job, [{
        'id': uuid.uuid4(), 'kind': 'likeness-backfill', 'key': 'after ', 'payload': json.dumps({'after': ''}),
        'state': 'queued', 'run_at': now, 'attempts': 0, 'progress': 0, 'created_at': now,
    }])
