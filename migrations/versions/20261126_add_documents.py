"""Numbered documents and the last number of each series."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '20261126_add_documents'
down_revision = '20261125_photo_is_its_upload'
branch_labels = None
depends_on = None

_KINDS = (
    'rectification_notice', 'rectification_reply', 'verification_record', 'stop_work_notice', 'handover_list',
    'escalation_letter',
)
_INT = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    kind = sa.Enum(*_KINDS, name='kind', native_enum=False, create_constraint=True, length=40)
    op.create_table(
        'document_series',
        sa.Column('kind', kind, nullable=False),
        sa.Column('year', _INT, nullable=False),
        sa.Column('last', _INT, nullable=False),
        sa.PrimaryKeyConstraint('kind', 'year', name=op.f('pk_document_series')),
    )
    op.create_table(
        'document',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('kind', kind, nullable=False),
        sa.Column('year', _INT, nullable=False),
        sa.Column('serial', _INT, nullable=False),
        sa.Column('number', sa.Text(), nullable=False),
        sa.Column('site_id', sa.Uuid(), nullable=True),
        sa.Column('district_code', sa.Text(), nullable=False),
        sa.Column('content', sa.Text(), nullable=False),
        sa.Column('issued_by', sa.Uuid(), nullable=True),
        sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('serial >= 1', name=op.f('ck_document_serial')),
        sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_document_site_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_document')),
        sa.UniqueConstraint('kind', 'year', 'serial', name=op.f('uq_document_kind_year_serial')),
    )
    op.create_index('ix_document_district_code_issued_at_id', 'document', ['district_code', 'issued_at', 'id'])
    op.create_index('ix_document_issued_at_id', 'document', ['issued_at', 'id'])
    op.create_index(op.f('ix_document_site_id'), 'document', ['site_id'])


def downgrade() -> None:
    op.drop_table('document')
    op.drop_table('document_series')
