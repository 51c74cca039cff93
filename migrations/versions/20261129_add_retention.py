"""Retention: holds, runs, the record of removals; originals and photos say that they were removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '20261129_add_retention'
down_revision = '20261129_pack_figures'
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_MOMENT = sa.DateTime(timezone=True)
_STANDS = sa.text('lifted_at is null')
_KEPT = sa.text('removed_at is null')
_GOING = sa.text('removed_at is not null and gone_at is null')
_LIFTING = '(lifted_at is null) = (lifted_by is null) and (lifted_at is null) = (lifted_reason is null)'


def _postgresql() -> bool:
    return op.get_bind().dialect.name == 'postgresql'


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    # by hand, since batch mode would copy these two tables whole on SQLite
    moment = 'timestamp with time zone' if _postgresql() else 'datetime'
    op.add_column('original', sa.Column('removed_at', _MOMENT, nullable=True))
    op.execute(
        f'alter table original add column gone_at {moment} '
        'constraint ck_original_gone check (gone_at is null or removed_at is not null)'
    )
    op.create_index(
        'ix_original_kept', 'original', ['stored_at', 'sha256'], sqlite_where=_KEPT, postgresql_where=_KEPT
    )
    op.create_index('ix_original_going', 'original', ['removed_at'], sqlite_where=_GOING, postgresql_where=_GOING)
    op.add_column('photo', sa.Column('removed_at', _MOMENT, nullable=True))
    op.execute(
        f"alter table photo add column removed_days {'bigint' if _postgresql() else 'integer'} "
        'constraint ck_photo_removed check ((removed_at is null) = (removed_days is null))'
    )

    op.create_table(
        'legal_hold',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('kind', _choice('holdkind', 'report', 'issue', 'site', 'photo'), nullable=False),
        sa.Column('object_id', sa.Uuid(), nullable=False),
        sa.Column('district_code', sa.Text(), nullable=True),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('by', sa.Uuid(), nullable=False),
        sa.Column('at', _MOMENT, nullable=False),
        sa.Column('lifted_by', sa.Uuid(), nullable=True),
        sa.Column('lifted_at', _MOMENT, nullable=True),
        sa.Column('lifted_reason', sa.Text(), nullable=True),
        sa.CheckConstraint(_LIFTING, name=op.f('ck_legal_hold_lifted')),
        sa.ForeignKeyConstraint(['by'], ['person.id'], name=op.f('fk_legal_hold_by')),
        sa.ForeignKeyConstraint(['lifted_by'], ['person.id'], name=op.f('fk_legal_hold_lifted_by')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_legal_hold')),
    )
    op.create_index(
        'ix_legal_hold_stands', 'legal_hold', ['kind', 'object_id'], sqlite_where=_STANDS, postgresql_where=_STANDS
    )
    op.create_index('ix_legal_hold_at_id', 'legal_hold', ['at', 'id'])

    op.create_table(
        'retention_rule',
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('days', _INT, nullable=False),
        sa.Column('since', _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_retention_rule')),
    )

    op.create_table(
        'retention_run',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('days', _INT, nullable=False),
        sa.Column('cutoff', _MOMENT, nullable=False),
        sa.Column('by', _choice('by', 'duty', 'command'), nullable=False),
        sa.Column('plan', sa.Text(), nullable=False),
        sa.Column('started_at', _MOMENT, nullable=False),
        sa.Column('finished_at', _MOMENT, nullable=True),
        sa.Column('rows', _INT, nullable=False),
        sa.Column('files', _INT, nullable=False),
        sa.Column('bytes', _INT, nullable=False),
        sa.Column('held', _INT, nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_retention_run')),
    )
    op.create_index('ix_retention_run_started_at', 'retention_run', ['started_at'])

    op.create_table(
        'removal',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('run_id', sa.Uuid(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('days', _INT, nullable=False),
        sa.Column('object_kind', sa.Text(), nullable=False),
        sa.Column('object_id', sa.Text(), nullable=False),
        sa.Column('count', _INT, nullable=False),
        sa.Column('sha256', sa.Text(), nullable=True),
        sa.Column('size', _INT, nullable=True),
        sa.Column('site_id', sa.Uuid(), nullable=True),
        sa.Column('report_id', sa.Uuid(), nullable=True),
        sa.Column('person_id', sa.Uuid(), nullable=True),
        sa.Column('day', sa.Date(), nullable=True),
        sa.Column('counted_from', _MOMENT, nullable=False),
        sa.Column('removed_at', _MOMENT, nullable=False),
        sa.CheckConstraint('count >= 1', name=op.f('ck_removal_count')),
        sa.ForeignKeyConstraint(['run_id'], ['retention_run.id'], name=op.f('fk_removal_run_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_removal')),
    )
    op.create_index('ix_removal_object_id', 'removal', ['object_id'])
    op.create_index('ix_removal_run_id', 'removal', ['run_id'])
    _guard('removal', 'append-only', 'update', 'delete')
    _guard('legal_hold', 'kept', 'delete')
    _hold_says_what_it_said()


def _guard(table: str, said: str, *verbs: str) -> None:
    """The database itself refuses these verbs."""
    if _postgresql():
        op.execute(
            f"create function {table}_is_kept() returns trigger language plpgsql as "
            f"$$ begin raise exception '{table} is {said}'; end $$"
        )
        op.execute(
            f"create trigger {table}_kept before {' or '.join([*verbs, 'truncate'])} on {table} "
            f"for each statement execute function {table}_is_kept()"
        )
        return
    for verb in verbs:
        op.execute(
            f"create trigger {table}_no_{verb} before {verb} on {table} begin select raise(abort, '{table} is {said}'); end"
        )
    # INSERT OR REPLACE deletes without firing delete triggers
    op.execute(
        f"create trigger {table}_no_replace before insert on {table} "
        f"when exists (select 1 from {table} where id = new.id) begin select raise(abort, '{table} is {said}'); end"
    )


def _hold_says_what_it_said() -> None:
    """A hold changes once, by being lifted, and then no more."""
    same = ' or '.join(f'old.{one} is distinct from new.{one}' for one in ('kind', 'object_id', 'reason', '"by"', 'at'))
    if _postgresql():
        op.execute(
            "create function legal_hold_is_said() returns trigger language plpgsql as $$ begin "
            "raise exception 'legal_hold changes by lifting alone'; end $$"
        )
        op.execute(
            f"create trigger legal_hold_said before update on legal_hold for each row "
            f"when (old.lifted_at is not null or {same}) execute function legal_hold_is_said()"
        )
        return
    same = same.replace('is distinct from', 'is not')
    op.execute(
        f"create trigger legal_hold_said before update on legal_hold when old.lifted_at is not null or {same} "
        f"begin select raise(abort, 'legal_hold changes by lifting alone'); end"
    )


def downgrade() -> None:
    """The record goes, and with it the knowledge why files are missing: keep a backup."""
    for table in ('removal', 'retention_run', 'retention_rule', 'legal_hold'):
        op.drop_table(table)
    if _postgresql():
        for name in ('removal_is_kept', 'legal_hold_is_kept', 'legal_hold_is_said'):
            op.execute(f'drop function {name}()')
    op.drop_index('ix_original_going', 'original')
    op.drop_index('ix_original_kept', 'original')
    for table, columns in (('original', ('gone_at', 'removed_at')), ('photo', ('removed_days', 'removed_at'))):
        for column in columns:
            op.drop_column(table, column)
