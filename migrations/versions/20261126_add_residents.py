"""The residents' word: questions, pictures that came, tries that count for a while."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '20261126_add_residents'
down_revision = '20261126_add_work_evidence'
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    answer = sa.Enum('yes', 'no', name='residentsanswer', native_enum=False, create_constraint=True, length=40)
    op.create_table(
        'residents_question',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('issue_id', sa.Uuid(), nullable=False),
        sa.Column('round', _INT, nullable=False),
        sa.Column('nonce', sa.Text(), nullable=True),
        sa.Column('code_hash', sa.Text(), nullable=True),
        sa.Column('created_at', _MOMENT, nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=True),
        sa.Column('expires_at', _MOMENT, nullable=False),
        sa.Column('answer', answer, nullable=True),
        sa.Column('answered_at', _MOMENT, nullable=True),
        sa.Column('comment', sa.Text(), nullable=True),
        sa.Column('photo_id', sa.Uuid(), nullable=True),
        sa.Column('digest', sa.Text(), nullable=True),
        sa.Column('erased_at', _MOMENT, nullable=True),
        sa.CheckConstraint('(answer is null) = (answered_at is null)', name=op.f('ck_residents_question_answered')),
        sa.CheckConstraint(
            'answer is not null or (comment is null and photo_id is null and digest is null)',
            name=op.f('ck_residents_question_unanswered'),
        ),
        sa.CheckConstraint(
            'erased_at is null or (comment is null and photo_id is null and digest is null)',
            name=op.f('ck_residents_question_erased'),
        ),
        sa.CheckConstraint('(code_hash is null) = (nonce is null)', name=op.f('ck_residents_question_code')),
        sa.ForeignKeyConstraint(['issue_id'], ['issue.id'], name=op.f('fk_residents_question_issue_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_residents_question')),
        sa.UniqueConstraint('code_hash', name=op.f('uq_residents_question_code_hash')),
    )
    op.create_index('ix_residents_question_issue_id_created_at', 'residents_question', ['issue_id', 'created_at'])
    op.create_index('ix_residents_question_expires_at', 'residents_question', ['expires_at'])
    op.create_index('ix_residents_question_answered_at', 'residents_question', ['answered_at'])
    op.create_table(
        'residents_picture',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('question_id', sa.Uuid(), nullable=False),
        sa.Column('made_at', _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ['question_id'], ['residents_question.id'], name=op.f('fk_residents_picture_question_id')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_residents_picture')),
    )
    op.create_index(op.f('ix_residents_picture_question_id'), 'residents_picture', ['question_id'])
    op.create_table(
        'residents_try',
        sa.Column('id', _INT, autoincrement=True, nullable=False),
        sa.Column('key', sa.Text(), nullable=False),
        sa.Column('at', _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_residents_try')),
    )
    op.create_index('ix_residents_try_key_at', 'residents_try', ['key', 'at'])
    op.create_index('ix_residents_try_at', 'residents_try', ['at'])


def downgrade() -> None:
    for table in ('residents_try', 'residents_picture', 'residents_question'):
        op.drop_table(table)
