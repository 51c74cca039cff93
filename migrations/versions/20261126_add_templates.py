"""The office's own Word templates, version by version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '20261126_add_templates'
down_revision = '20261126_add_residents'
branch_labels = None
depends_on = None

_KINDS = (
    'rectification_notice', 'rectification_reply', 'verification_record', 'stop_work_notice', 'handover_list',
    'escalation_letter',
)
_INT = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        'document_template',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('kind', sa.Enum(*_KINDS, name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('language', sa.Text(), nullable=False),
        sa.Column('version', _INT, nullable=False),
        sa.Column('sha256', sa.Text(), nullable=True),
        sa.Column('size', _INT, nullable=False),
        sa.Column('changed_by', sa.Uuid(), nullable=True),
        sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('version >= 1', name=op.f('ck_document_template_version')),
        sa.CheckConstraint("language in ('zh', 'en')", name=op.f('ck_document_template_language')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_document_template')),
        sa.UniqueConstraint('kind', 'language', 'version', name=op.f('uq_document_template_kind_language_version')),
    )


def downgrade() -> None:
    op.drop_table('document_template')
