"""Exports: files that somebody asked for; and the drawn documents of reports, so that old ones are found and go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '20261127_add_exports'
down_revision = '20261126_freeze_the_week'
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = sa.DateTime(timezone=True)


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        'export',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('requested_by', sa.Uuid(), nullable=False),
        sa.Column('kind', _choice('kind', 'reports', 'issues', 'sites', 'photos'), nullable=False),
        sa.Column('format', _choice('format', 'xlsx', 'csv', 'zip'), nullable=False),
        sa.Column('rows_of', _choice('rowsof', 'reports', 'answers'), nullable=True),
        sa.Column('language', sa.Text(), nullable=False),
        sa.Column('filters', sa.Text(), nullable=False),
        sa.Column('address', sa.Text(), nullable=False),
        sa.Column('digest', sa.Text(), nullable=False),
        sa.Column('state', _choice('exportstate', 'queued', 'running', 'ready', 'failed'), nullable=False),
        sa.Column('progress', _INT, nullable=False),
        sa.Column('rows', _INT, nullable=False),
        sa.Column('why', sa.Text(), nullable=True),
        sa.Column('job_id', sa.Uuid(), nullable=True),
        sa.Column('created_at', _MOMENT, nullable=False),
        sa.Column('ready_at', _MOMENT, nullable=True),
        sa.Column('expires_at', _MOMENT, nullable=True),
        sa.Column('size', _INT, nullable=True),
        sa.Column('sha256', sa.Text(), nullable=True),
        sa.Column('key', sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state <> 'ready' or (ready_at is not null and size is not null and sha256 is not null and key is not null)",
            name=op.f('ck_export_ready'),
        ),
        sa.CheckConstraint(
            "(state in ('ready', 'failed')) = (expires_at is not null)", name=op.f('ck_export_expires')
        ),
        sa.CheckConstraint("(kind = 'reports') = (rows_of is not null)", name=op.f('ck_export_rows_of')),
        sa.ForeignKeyConstraint(['requested_by'], ['person.id'], name=op.f('fk_export_requested_by')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_export')),
    )
    op.create_index('ix_export_requested_by_created_at_id', 'export', ['requested_by', 'created_at', 'id'])
    op.create_index('ix_export_expires_at', 'export', ['expires_at'])

    op.create_table(
        'report_paper',
        sa.Column('key', sa.Text(), nullable=False),
        sa.Column('report_id', sa.Uuid(), nullable=False),
        sa.Column('used_at', _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_report_paper_report_id')),
        sa.PrimaryKeyConstraint('key', name=op.f('pk_report_paper')),
    )
    op.create_index(op.f('ix_report_paper_used_at'), 'report_paper', ['used_at'])


def downgrade() -> None:
    op.drop_table('report_paper')
    op.drop_table('export')
