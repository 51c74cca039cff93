"""A week's figures are kept packed: canonical JSON, compressed."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = '20261129_pack_figures'
down_revision = '20261128_add_likeness'
branch_labels = None
depends_on = None

_SAID = 'figures, figures_digest, counted_to, words, frozen_at, bulletin_year, serial, total, software, scope, iso_year, iso_week'


def upgrade() -> None:
    _allow_changes()
    _as_type(sa.LargeBinary(), sa.Text(), "convert_to(figures, 'UTF8')")
    _each(lambda text: zlib.compress(text, 3))
    _forbid_changes()


def downgrade() -> None:
    _allow_changes()
    _each(zlib.decompress)
    _as_type(sa.Text(), sa.LargeBinary(), "convert_from(figures, 'UTF8')")
    _forbid_changes()


def _as_type(new: sa.types.TypeEngine, old: sa.types.TypeEngine, using: str) -> None:
    with op.batch_alter_table('weekly_report') as table:
        table.alter_column('figures', type_=new, existing_type=old, existing_nullable=True, postgresql_using=using)


def _each(change: Callable[[bytes], bytes]) -> None:
    """One by one: a city's week has megabytes."""
    db = op.get_bind()
    report = sa.table('weekly_report', sa.column('id', sa.Uuid()), sa.column('figures', sa.LargeBinary()))
    for known in db.scalars(sa.select(report.c.id).where(report.c.figures.is_not(None))).all():
        this = report.c.id == known
        data = db.scalar(sa.select(report.c.figures).where(this))
        db.execute(sa.update(report).where(this).values(figures=change(bytes(data))))


def _allow_changes() -> None:
    where = ' on weekly_report' if op.get_bind().dialect.name == 'postgresql' else ''
    for name in ('frozen', 'kept'):
        op.execute(f"drop trigger weekly_report_{name}{where}")


def _forbid_changes() -> None:
    """As before, on the table as it is now."""
    is_postgresql = op.get_bind().dialect.name == 'postgresql'
    for name, verb in (('frozen', f'update of {_SAID}'), ('kept', 'delete')):
        held = (
            " on weekly_report for each row execute function weekly_report_is_frozen()" if is_postgresql else
            " on weekly_report when old.frozen_at is not null "
            "begin select raise(abort, 'a frozen weekly report does not change'); end"
        )
        op.execute(f"create trigger weekly_report_{name} before {verb}{held}")
