"""An objection is its firm's: an issue that goes to another firm may be objected to once more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '20261127_object_once_per_firm'
down_revision = '20261127_add_openings'
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_SAID = 'reason, "by", at, result, comment, settled_by, settled_at'


def upgrade() -> None:
    _create(per_firm=True)
    # whose it was is what the objector is of; where that is not known any more, whose the issue is
    firm = 'coalesce((select organisation_id from person where person.id = old."by"), issue.contractor_id)'
    op.execute(
        f"insert into issue_objection_new (issue_id, contractor_id, {_SAID}) "
        f"select old.issue_id, {firm}, {', '.join('old.' + name for name in _SAID.split(', '))} "
        "from issue_objection old join issue on issue.id = old.issue_id"
    )
    _take_its_place()


def downgrade() -> None:
    """Of several objections to one issue the last one stays."""
    _create(per_firm=False)
    op.execute(
        f"insert into issue_objection_new (issue_id, {_SAID}) select issue_id, {_SAID} from issue_objection old "
        "where not exists (select 1 from issue_objection later where later.issue_id = old.issue_id and "
        "(later.at > old.at or (later.at = old.at and later.contractor_id > old.contractor_id)))"
    )
    _take_its_place()


def _create(*, per_firm: bool) -> None:
    """A new table beside the old one: SQLite changes no key of one that is there."""
    firm = [sa.Column('contractor_id', sa.Uuid(), nullable=False)] if per_firm else []
    kept = [sa.ForeignKeyConstraint(
        ['contractor_id'], ['organisation.id'], name=op.f('fk_issue_objection_contractor_id')
    )] if per_firm else []
    key = ['issue_id', 'contractor_id'] if per_firm else ['issue_id']
    result = sa.Enum(
        'kept', 'corrected', 'withdrawn', name=op.f('ck_issue_objection_objected'), native_enum=False,
        create_constraint=True, length=40,
    )
    op.create_table(
        'issue_objection_new',
        sa.Column('issue_id', sa.Uuid(), nullable=False),
        *firm,
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('by', sa.Uuid(), nullable=False),
        sa.Column('at', _MOMENT, nullable=False),
        sa.Column('result', result, nullable=True),
        sa.Column('comment', sa.Text(), nullable=True),
        sa.Column('settled_by', sa.Uuid(), nullable=True),
        sa.Column('settled_at', _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(['issue_id'], ['issue.id'], name=op.f('fk_issue_objection_issue_id')),
        *kept,
        sa.PrimaryKeyConstraint(*key, name=op.f('pk_issue_objection_new')),
    )


def _take_its_place() -> None:
    op.drop_table('issue_objection')
    op.rename_table('issue_objection_new', 'issue_objection')
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('alter table issue_objection rename constraint pk_issue_objection_new to pk_issue_objection')
