"""An issue that is entered by hand is kept to the letter too, with the photos that it names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '20261127_add_openings'
down_revision = '20261127_add_exports'
branch_labels = None
depends_on = None

_KINDS = "'reply', 'verification', 'follow_up'"
_KINDS_NOW = f"'opening', {_KINDS}"
_WHOLE = (
    "case when kind = 'reply' then measure is not null and done_at is not null and result is null "
    "else result is not null end"
)
_WHOLE_NOW = (
    "case kind when 'reply' then measure is not null and done_at is not null and result is null "
    "when 'opening' then id = issue_id and result is null else result is not null end"
)


def upgrade() -> None:
    _change({_KINDS: _KINDS_NOW, _WHOLE: _WHOLE_NOW})


def downgrade() -> None:
    """What was entered with photos keeps those that came; what its author wrote to the letter goes."""
    op.execute("delete from issue_entry_photo where entry_id in (select id from issue_entry where kind = 'opening')")
    op.execute("delete from issue_entry where kind = 'opening'")
    _change({_KINDS_NOW: _KINDS, _WHOLE_NOW: _WHOLE})


def _change(words: dict[str, str]) -> None:
    """Other words in the two constraints on an entry's kind."""
    if op.get_bind().dialect.name != 'postgresql':
        _rebuild(words)
        return
    kinds, whole = words.values()
    for name, rule in (('entrykind', f"kind in ({kinds})"), ('kind', whole)):
        op.drop_constraint(op.f(f'ck_issue_entry_{name}'), 'issue_entry', type_='check')
        op.create_check_constraint(op.f(f'ck_issue_entry_{name}'), 'issue_entry', rule)


def _rebuild(words: dict[str, str]) -> None:
    """SQLite changes no constraint of a table that is there: a new one of the same words but these takes its place."""
    found = op.get_bind().execute(sa.text(
        "select type, sql from sqlite_master where tbl_name = 'issue_entry' and sql is not null"
    )).all()
    shape = next(str(sql) for kind, sql in found if kind == 'table')
    for old, new in words.items():
        if shape.count(old) != 1:
            raise RuntimeError(f'issue_entry is not as it was left: {shape}')
        shape = shape.replace(old, new)
    op.execute(shape.replace('issue_entry', 'issue_entry_new', 1))  # what refers to the table keeps its name
    op.execute('insert into issue_entry_new select * from issue_entry')
    op.drop_table('issue_entry')
    op.rename_table('issue_entry_new', 'issue_entry')
    for kind, sql in found:
        if kind == 'index':
            op.execute(str(sql))
