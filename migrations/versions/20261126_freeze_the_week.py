"""Weekly reports are held, worded, frozen under a number, run by themselves and mailed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '20261126_freeze_the_week'
down_revision = '20261126_send_again'
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_AT = sa.DateTime(timezone=True)
_SAID = 'figures, figures_digest, counted_to, words, frozen_at, bulletin_year, serial, total, software, scope, iso_year, iso_week'
_KINDS = (
    'rectification_notice', 'rectification_reply', 'verification_record', 'stop_work_notice', 'handover_list',
    'escalation_letter',
)
_ONE_TARGET_BEFORE = (
    "(channel = 'email' and person_id is not null and webhook_id is null)"
    " or (channel = 'webhook' and webhook_id is not null and person_id is null)"
)
_ONE_TARGET = (
    "(channel = 'email' and (person_id is null) <> (address is null) and webhook_id is null)"
    " or (channel = 'webhook' and webhook_id is not null and person_id is null and address is null)"
)
_CHECKS = {
    'numbered': '(frozen_at is null) = (serial is null)',
    'frozen_whole': (
        'frozen_at is null or (figures is not null and figures_digest is not null and words is not null'
        ' and counted_to is not null and bulletin_year is not null and total is not null and software is not null)'
    ),
    'held_whole': 'held_at is null or (figures is not null and counted_to is not null)',
}


def _columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column('counted_to', _AT, nullable=True),
        sa.Column('held_at', _AT, nullable=True),
        sa.Column('words', sa.Text(), nullable=True),
        sa.Column('words_version', _INT, nullable=False, server_default='0'),
        sa.Column('words_at', _AT, nullable=True),
        sa.Column('words_by', sa.Uuid(), nullable=True),
        sa.Column('frozen_at', _AT, nullable=True),
        sa.Column('frozen_by', sa.Uuid(), nullable=True),
        sa.Column('bulletin_year', _INT, nullable=True),
        sa.Column('serial', _INT, nullable=True),
        sa.Column('total', _INT, nullable=True),
        sa.Column('software', sa.Text(), nullable=True),
    )


def upgrade() -> None:
    with op.batch_alter_table('weekly_report') as table:
        for column in _columns():
            table.add_column(column)
        for name, rule in _CHECKS.items():
            table.create_check_constraint(op.f(f'ck_weekly_report_{name}'), rule)
        table.create_unique_constraint(op.f('uq_weekly_report_scope_bulletin_year_serial'), ['scope', 'bulletin_year', 'serial'])
        table.create_unique_constraint(op.f('uq_weekly_report_scope_total'), ['scope', 'total'])
    with op.batch_alter_table('weekly_report') as table:
        table.alter_column('words_version', existing_type=_INT, existing_nullable=False, server_default=None)
    _forbid_changes()
    op.create_table(
        'weekly_series',
        sa.Column('scope', sa.Text(), nullable=False),
        sa.Column('year', _INT, nullable=False),
        sa.Column('last', _INT, nullable=False),
        sa.PrimaryKeyConstraint('scope', 'year', name=op.f('pk_weekly_series')),
    )
    op.create_table(
        'weekly_recipient',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('scope', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('email', sa.Text(), nullable=False),
        sa.Column('added_at', _AT, nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_weekly_recipient')),
        sa.UniqueConstraint('scope', 'email', name=op.f('uq_weekly_recipient_scope_email')),
    )
    op.create_table(
        'weekly_run',
        sa.Column('iso_year', _INT, nullable=False),
        sa.Column('iso_week', _INT, nullable=False),
        sa.Column('scope', sa.Text(), nullable=False),
        sa.Column('at', _AT, nullable=False),
        sa.Column('job_id', sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint('iso_year', 'iso_week', 'scope', name=op.f('pk_weekly_run')),
    )
    _template_kinds('kind', 'templatekind', *_KINDS, 'weekly_report')
    with op.batch_alter_table('delivery') as table:
        table.add_column(sa.Column('address', sa.Text(), nullable=True))
        table.drop_constraint(op.f('ck_delivery_one_target'), type_='check')
        table.create_check_constraint(op.f('ck_delivery_one_target'), _ONE_TARGET)
        table.create_unique_constraint(op.f('uq_delivery_address_key'), ['address', 'key'])


def _template_kinds(before: str, after: str, *kinds: str) -> None:
    named = ', '.join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table('document_template') as table:
        table.drop_constraint(op.f(f'ck_document_template_{before}'), type_='check')
        table.create_check_constraint(op.f(f'ck_document_template_{after}'), f"kind in ({named})")


def _forbid_changes() -> None:
    """What a frozen report says stays; how far its files are may change."""
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(
            "create function weekly_report_is_frozen() returns trigger language plpgsql as $$ begin "
            "if old.frozen_at is not null then raise exception 'a frozen weekly report does not change' "
            "using errcode = 'check_violation'; end if; "
            "if tg_op = 'DELETE' then return old; end if; return new; end $$"
        )
        op.execute(
            f"create trigger weekly_report_frozen before update of {_SAID} on weekly_report for each row "
            "execute function weekly_report_is_frozen()"
        )
        op.execute(
            "create trigger weekly_report_kept before delete on weekly_report for each row "
            "execute function weekly_report_is_frozen()"
        )
        return
    for name, verb in (('frozen', f'update of {_SAID}'), ('kept', 'delete')):
        op.execute(
            f"create trigger weekly_report_{name} before {verb} on weekly_report when old.frozen_at is not null "
            "begin select raise(abort, 'a frozen weekly report does not change'); end"
        )


def downgrade() -> None:
    op.execute("delete from document_template where kind = 'weekly_report'")
    _template_kinds('templatekind', 'kind', *_KINDS)
    with op.batch_alter_table('delivery') as table:
        table.drop_constraint(op.f('uq_delivery_address_key'), type_='unique')
        table.drop_constraint(op.f('ck_delivery_one_target'), type_='check')
        table.drop_column('address')
        table.create_check_constraint(op.f('ck_delivery_one_target'), _ONE_TARGET_BEFORE)
    for table_name in ('weekly_run', 'weekly_recipient', 'weekly_series'):
        op.drop_table(table_name)
    postgresql = op.get_bind().dialect.name == 'postgresql'
    for name in ('frozen', 'kept'):
        op.execute(f"drop trigger weekly_report_{name}" + (' on weekly_report' if postgresql else ''))
    if postgresql:
        op.execute('drop function weekly_report_is_frozen')
    with op.batch_alter_table('weekly_report') as table:
        table.drop_constraint(op.f('uq_weekly_report_scope_total'), type_='unique')
        table.drop_constraint(op.f('uq_weekly_report_scope_bulletin_year_serial'), type_='unique')
        for name in _CHECKS:
            table.drop_constraint(op.f(f'ck_weekly_report_{name}'), type_='check')
        for column in _columns():
            table.drop_column(column.name)
