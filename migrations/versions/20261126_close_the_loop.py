"""The loop of an issue: replies, verifications, extensions, objections, follow-ups; moves and closure held here too."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '20261126_close_the_loop'
down_revision = '20261126_add_documents'
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = sa.DateTime(timezone=True)
_OPEN = "state not in ('closed', 'void')"
_COUNTS = "state = 'complete' and kind <> 'follow_up'"
_SECOND_PERSON = (
    "state <> 'closed' or (closed_by is not null and replied_by is not null and closed_by <> replied_by)"
)
_ISSUED = "state not in ('issued', 'rectifying', 'rejected') or issued_at is not null"
# from → to, as server/issues/rules.py had them when this was written; a test holds the two against each other
_MOVES = (
    'draft>pending_issue', 'draft>void', 'pending_issue>issued', 'pending_issue>pending_verification',
    'pending_issue>void', 'issued>rectifying', 'issued>pending_verification', 'issued>pending_issue', 'issued>void',
    'rectifying>pending_verification', 'rectifying>pending_issue', 'rectifying>void',
    'rejected>rectifying', 'rejected>pending_verification', 'rejected>void',
    'pending_verification>closed', 'pending_verification>rejected', 'pending_verification>void',
    'closed>reopened', 'reopened>issued', 'reopened>closed', 'reopened>void',
)


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _source() -> sa.Enum:
    return _choice('source', 'inspection', 'patrol', 'supervision_firm', 'hotline', 'handover', 'other')


def _result() -> sa.Enum:
    return _choice('result', 'pass', 'fail', 'holds', 'false_closure')


def upgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        _alter_issue()
    else:
        _rebuild_issue()
    op.create_index('ix_issue_due_on_state', 'issue', ['due_on', 'state'])
    op.add_column('issue_event', sa.Column('round', _INT, nullable=False, server_default='1'))
    op.add_column('issue_photo', sa.Column('captured_at', _MOMENT, nullable=True))
    for column in ('caption', 'marks'):
        op.add_column('issue_photo', sa.Column(column, sa.Text(), nullable=True))
    _forbid_other_moves()
    _create_tables()


def _alter_issue() -> None:
    for column in ('report_id', 'item', 'checklist_code', 'checklist_version'):
        op.alter_column('issue', column, nullable=True)
    op.add_column('issue', sa.Column('source', sa.String(40), nullable=False, server_default='inspection'))
    op.create_check_constraint(
        op.f('ck_issue_source'), 'issue',
        "source in ('inspection', 'patrol', 'supervision_firm', 'hotline', 'handover', 'other')",
    )
    op.add_column('issue', sa.Column('round', _INT, nullable=False, server_default='1'))
    for column in ('fixed_on_spot', 'stop_work'):
        op.add_column('issue', sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.false()))
    for column in ('false_closures', 'recurrence_count'):
        op.add_column('issue', sa.Column(column, _INT, nullable=False, server_default='0'))
    for column in ('replied_by', 'closed_by', 'changed_by'):
        op.add_column('issue', sa.Column(column, sa.Uuid(), nullable=True))
    op.add_column('issue', sa.Column('changed_at', _MOMENT, nullable=True))
    op.execute("update issue set changed_at = created_at")
    op.alter_column('issue', 'changed_at', nullable=False)
    for column in ('source', 'round', 'fixed_on_spot', 'stop_work', 'false_closures', 'recurrence_count'):
        op.alter_column('issue', column, server_default=None)
    op.create_check_constraint(op.f('ck_issue_second_person'), 'issue', _SECOND_PERSON)
    op.create_check_constraint(op.f('ck_issue_issued'), 'issue', _ISSUED)
    op.create_check_constraint(op.f('ck_issue_round'), 'issue', 'round >= 1')


def _rebuild_issue(without: tuple[str, ...] = ()) -> None:
    """SQLite changes no constraint of a table that is there: a new one takes its place, as sqlite.org describes.

    `without` names what the older shape does not have, where this is taken back.
    """
    items: list[sa.Column[Any] | sa.Constraint] = [
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('number', sa.Text(), nullable=False),
        sa.Column('state', _choice(
            'issuestate', 'draft', 'pending_issue', 'issued', 'rectifying', 'pending_verification', 'rejected',
            'closed', 'reopened', 'void',
        ), nullable=False),
        sa.Column('site_id', sa.Uuid(), nullable=False),
        sa.Column('district_code', sa.Text(), nullable=False),
        sa.Column('source', _source(), nullable=False),
        sa.Column('report_id', sa.Uuid(), nullable=not without),
        sa.Column('item', sa.Text(), nullable=not without),
        sa.Column('checklist_code', sa.Text(), nullable=not without),
        sa.Column('checklist_version', _INT, nullable=not without),
        sa.Column('severity', _choice('severity', 'minor', 'major', 'critical'), nullable=False),
        sa.Column('description', sa.Text(), nullable=False),
        sa.Column('due_on', sa.Date(), nullable=False),
        sa.Column('first_due_on', sa.Date(), nullable=False),
        sa.Column('contractor_id', sa.Uuid(), nullable=True),
        sa.Column('recurrence_of', sa.Uuid(), nullable=True),
        sa.Column('recurrence_count', _INT, nullable=False),
        sa.Column('opened_by', sa.Uuid(), nullable=False),
        sa.Column('created_at', _MOMENT, nullable=False),
        sa.Column('issued_at', _MOMENT, nullable=True),
        sa.Column('closed_at', _MOMENT, nullable=True),
        sa.Column('round', _INT, nullable=False),
        sa.Column('fixed_on_spot', sa.Boolean(), nullable=False),
        sa.Column('stop_work', sa.Boolean(), nullable=False),
        sa.Column('false_closures', _INT, nullable=False),
        sa.Column('replied_by', sa.Uuid(), nullable=True),
        sa.Column('closed_by', sa.Uuid(), nullable=True),
        sa.Column('changed_by', sa.Uuid(), nullable=True),
        sa.Column('changed_at', _MOMENT, nullable=False),
        sa.CheckConstraint("(state = 'closed') = (closed_at is not null)", name=op.f('ck_issue_closed')),
        sa.CheckConstraint(_SECOND_PERSON, name=op.f('ck_issue_second_person')),
        sa.CheckConstraint(_ISSUED, name=op.f('ck_issue_issued')),
        sa.CheckConstraint('round >= 1', name=op.f('ck_issue_round')),
        sa.ForeignKeyConstraint(['contractor_id'], ['organisation.id'], name=op.f('fk_issue_contractor_id')),
        sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_issue_report_id')),
        sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_issue_site_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_issue')),
        sa.UniqueConstraint('number', name=op.f('uq_issue_number')),
    ]
    newer = {op.f(f'ck_issue_{name}') for name in ('second_person', 'issued', 'round')} if without else set()
    shape = [item for item in items if item.name not in without and item.name not in newer]
    op.create_table('issue_new', *shape)
    kept = (
        'id, number, state, site_id, district_code, report_id, item, checklist_code, checklist_version, severity, '
        'description, due_on, first_due_on, contractor_id, recurrence_of, opened_by, created_at, issued_at, closed_at'
    )
    if without:
        op.execute(f"insert into issue_new ({kept}) select {kept} from issue")
    else:
        op.execute(
            f"insert into issue_new ({kept}, source, round, fixed_on_spot, stop_work, false_closures, recurrence_count, "
            "changed_at) "
            f"select {kept}, 'inspection', 1, 0, 0, 0, 0, created_at from issue"
        )
    op.drop_table('issue')
    op.rename_table('issue_new', 'issue')
    op.create_index('ix_issue_contractor_id_created_at_id', 'issue', ['contractor_id', 'created_at', 'id'])
    op.create_index('ix_issue_created_at_id', 'issue', ['created_at', 'id'])
    op.create_index('ix_issue_state_created_at_id', 'issue', ['state', 'created_at', 'id'])
    op.create_index('ix_issue_district_code_created_at_id', 'issue', ['district_code', 'created_at', 'id'])
    op.create_index(op.f('ix_issue_report_id'), 'issue', ['report_id'])
    op.create_index(op.f('ix_issue_site_id'), 'issue', ['site_id'])
    op.create_index('uq_issue_open', 'issue', ['site_id', 'item'], unique=True, sqlite_where=sa.text(_OPEN))


def _forbid_other_moves() -> None:
    allowed = ', '.join(f"'{move}'" for move in _MOVES)
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(
            "create function issue_moves_by_the_table() returns trigger language plpgsql as $$ begin "
            f"if (old.state || '>' || new.state) not in ({allowed}) then "
            "raise exception 'no move of an issue leads from % to %', old.state, new.state "
            "using errcode = 'check_violation'; end if; return new; end $$"
        )
        op.execute(
            "create trigger issue_moves before update on issue for each row "
            "when (old.state is distinct from new.state) execute function issue_moves_by_the_table()"
        )
        return
    op.execute(
        "create trigger issue_moves before update on issue "
        f"when old.state <> new.state and (old.state || '>' || new.state) not in ({allowed}) "
        "begin select raise(abort, 'no move of an issue leads there'); end"
    )


def _create_tables() -> None:
    op.create_table(
        'issue_entry',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('kind', _choice('entrykind', 'reply', 'verification', 'follow_up'), nullable=False),
        sa.Column('issue_id', sa.Uuid(), nullable=False),
        sa.Column('round', _INT, nullable=False),
        sa.Column('state', _choice('entrystate', 'incomplete', 'complete', 'superseded'), nullable=False),
        sa.Column('by', sa.Uuid(), nullable=False),
        sa.Column('content', sa.Text(), nullable=False),
        sa.Column('digest', sa.Text(), nullable=False),
        sa.Column('received_at', _MOMENT, nullable=False),
        sa.Column('receipt_at', _MOMENT, nullable=True),
        sa.Column('result', _result(), nullable=True),
        sa.Column('replied_by', sa.Uuid(), nullable=True),
        sa.Column('comment', sa.Text(), nullable=True),
        sa.Column('reason', sa.Text(), nullable=True),
        sa.Column('doubts', sa.Text(), nullable=False),
        sa.Column('due_on', sa.Date(), nullable=True),
        sa.Column('cause', sa.Text(), nullable=True),
        sa.Column('measure', sa.Text(), nullable=True),
        sa.Column('prevention', sa.Text(), nullable=True),
        sa.Column('responsible_person', sa.Text(), nullable=True),
        sa.Column('done_at', _MOMENT, nullable=True),
        sa.CheckConstraint(
            "case when kind = 'reply' then measure is not null and done_at is not null and result is null "
            "else result is not null end", name=op.f('ck_issue_entry_kind'),
        ),
        sa.CheckConstraint(
            'replied_by is null or "by" <> replied_by', name=op.f('ck_issue_entry_second_person')
        ),
        sa.CheckConstraint("(state = 'incomplete') = (receipt_at is null)", name=op.f('ck_issue_entry_receipt')),
        sa.ForeignKeyConstraint(['issue_id'], ['issue.id'], name=op.f('fk_issue_entry_issue_id')),
        sa.ForeignKeyConstraint(['by'], ['person.id'], name=op.f('fk_issue_entry_by')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_issue_entry')),
    )
    op.create_index(
        'uq_issue_entry_counts', 'issue_entry', ['issue_id', 'kind', 'round'], unique=True,
        sqlite_where=sa.text(_COUNTS), postgresql_where=sa.text(_COUNTS),
    )
    op.create_index('ix_issue_entry_issue_id_received_at', 'issue_entry', ['issue_id', 'received_at'])
    op.create_table(
        'issue_entry_photo',
        sa.Column('entry_id', sa.Uuid(), nullable=False),
        sa.Column('photo_id', sa.Uuid(), nullable=False),
        sa.Column('position', _INT, nullable=False),
        sa.Column('sha256', sa.Text(), nullable=False),
        sa.Column('size', _INT, nullable=False),
        sa.Column('state', _choice('photostate', 'expected', 'stored', 'refused'), nullable=False),
        sa.Column('refusal', sa.Text(), nullable=True),
        sa.Column('pair_of', sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(['entry_id'], ['issue_entry.id'], name=op.f('fk_issue_entry_photo_entry_id')),
        sa.PrimaryKeyConstraint('entry_id', 'photo_id', name=op.f('pk_issue_entry_photo')),
    )
    op.create_index('ix_issue_entry_photo_photo_id', 'issue_entry_photo', ['photo_id'])
    op.create_table(
        'issue_pair',
        sa.Column('issue_id', sa.Uuid(), nullable=False),
        sa.Column('round', _INT, nullable=False),
        sa.Column('position', _INT, nullable=False),
        sa.Column('before_photo_id', sa.Uuid(), nullable=True),
        sa.Column('after_photo_id', sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(['issue_id'], ['issue.id'], name=op.f('fk_issue_pair_issue_id')),
        sa.PrimaryKeyConstraint('issue_id', 'round', 'position', name=op.f('pk_issue_pair')),
    )
    op.create_index('ix_issue_pair_after_photo_id', 'issue_pair', ['after_photo_id'])
    op.create_table(
        'issue_document',
        sa.Column('issue_id', sa.Uuid(), nullable=False),
        sa.Column('document_id', sa.Uuid(), nullable=False),
        sa.Column('round', _INT, nullable=False),
        sa.ForeignKeyConstraint(['issue_id'], ['issue.id'], name=op.f('fk_issue_document_issue_id')),
        sa.ForeignKeyConstraint(['document_id'], ['document.id'], name=op.f('fk_issue_document_document_id')),
        sa.PrimaryKeyConstraint('issue_id', 'document_id', name=op.f('pk_issue_document')),
    )
    op.create_index('ix_issue_document_document_id', 'issue_document', ['document_id'])
    op.create_table(
        'issue_objection',
        sa.Column('issue_id', sa.Uuid(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('by', sa.Uuid(), nullable=False),
        sa.Column('at', _MOMENT, nullable=False),
        sa.Column('result', _choice('objected', 'kept', 'corrected', 'withdrawn'), nullable=True),
        sa.Column('comment', sa.Text(), nullable=True),
        sa.Column('settled_by', sa.Uuid(), nullable=True),
        sa.Column('settled_at', _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(['issue_id'], ['issue.id'], name=op.f('fk_issue_objection_issue_id')),
        sa.PrimaryKeyConstraint('issue_id', name=op.f('pk_issue_objection')),
    )
    op.create_table(
        'issue_extension',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('issue_id', sa.Uuid(), nullable=False),
        sa.Column('round', _INT, nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('due_on', sa.Date(), nullable=False),
        sa.Column('by', sa.Uuid(), nullable=False),
        sa.Column('at', _MOMENT, nullable=False),
        sa.Column('result', _choice('extended', 'granted', 'refused'), nullable=True),
        sa.Column('granted_due_on', sa.Date(), nullable=True),
        sa.Column('comment', sa.Text(), nullable=True),
        sa.Column('settled_by', sa.Uuid(), nullable=True),
        sa.Column('settled_at', _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(['issue_id'], ['issue.id'], name=op.f('fk_issue_extension_issue_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_issue_extension')),
    )
    op.create_index('ix_issue_extension_issue_id', 'issue_extension', ['issue_id'])
    op.create_index(
        'uq_issue_extension_open', 'issue_extension', ['issue_id'], unique=True,
        sqlite_where=sa.text('result is null'), postgresql_where=sa.text('result is null'),
    )
    op.create_table(
        'issue_follow_up',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('issue_id', sa.Uuid(), nullable=False),
        sa.Column('week', sa.Text(), nullable=False),
        sa.Column('drawn_at', _MOMENT, nullable=False),
        sa.Column('due_on', sa.Date(), nullable=False),
        sa.Column('entry_id', sa.Uuid(), nullable=True),
        sa.Column('result', _result(), nullable=True),
        sa.ForeignKeyConstraint(['issue_id'], ['issue.id'], name=op.f('fk_issue_follow_up_issue_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_issue_follow_up')),
        sa.UniqueConstraint('issue_id', 'week', name=op.f('uq_issue_follow_up_issue_id_week')),
    )
    op.create_index('ix_issue_follow_up_week', 'issue_follow_up', ['week'])
    op.create_table(
        'issue_reminded',
        sa.Column('issue_id', sa.Uuid(), nullable=False),
        sa.Column('due_on', sa.Date(), nullable=False),
        sa.Column('step', _INT, nullable=False),
        sa.Column('at', _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['issue_id'], ['issue.id'], name=op.f('fk_issue_reminded_issue_id')),
        sa.PrimaryKeyConstraint('issue_id', 'due_on', 'step', name=op.f('pk_issue_reminded')),
    )


def downgrade() -> None:
    """What the loop has added goes; issues that were entered by hand have no place in the older shape and stop it."""
    postgresql = op.get_bind().dialect.name == 'postgresql'
    op.execute("drop trigger issue_moves on issue" if postgresql else "drop trigger issue_moves")
    if postgresql:
        op.execute("drop function issue_moves_by_the_table()")
    for table in ('reminded', 'follow_up', 'extension', 'objection', 'document', 'pair', 'entry_photo', 'entry'):
        op.drop_table(f'issue_{table}')
    for column in ('captured_at', 'caption', 'marks'):
        op.drop_column('issue_photo', column)
    op.drop_column('issue_event', 'round')
    op.drop_index('ix_issue_due_on_state', 'issue')
    added = (
        'source', 'recurrence_count', 'round', 'fixed_on_spot', 'stop_work', 'false_closures', 'replied_by',
        'closed_by', 'changed_by', 'changed_at',
    )
    if postgresql:
        for check in ('second_person', 'issued', 'round', 'source'):
            op.drop_constraint(op.f(f'ck_issue_{check}'), 'issue', type_='check')
        for column in added:
            op.drop_column('issue', column)
        for column in ('report_id', 'item', 'checklist_code', 'checklist_version'):
            op.alter_column('issue', column, nullable=False)
        return
    _rebuild_issue(without=added)
