"""What changed, in the order in which it became visible: the phone's sync reads from here.

On PostgreSQL a row that commits late may carry a lower number than rows already read, so each row keeps its transaction's
id and readers stop below the oldest transaction that is still open in this database. SQLite has one writer, so its numbers
are in commit order.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.kit import clock
from server.kit.db import Base
from server.kit.prepared import Prepared

ACCESS = "access"  # what a person may see is another set of things now: their phones begin afresh
ASSIGNED = "assigned"  # a site came to a person, with all that hangs on it
_ONES = "person_id is not null"  # few: nearly all is told to everybody


class Change(Base):
    """One thing changed. `person_id` set: only that person is told, and told that it is `gone` unless the kind says
    something else."""

    __tablename__ = "change"
    __table_args__ = (
        sa.Index("ix_change_xid_seq", "xid", "seq"),
        sa.Index("ix_change_person_id", "person_id", sqlite_where=sa.text(_ONES), postgresql_where=sa.text(_ONES)),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    xid: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str]  # site | checklist | report | issue, and to one person alone access | assigned
    object_id: Mapped[str]
    person_id: Mapped[uuid.UUID | None]


class ChangeLife(Base):
    """Which life of the database its numbers are of: one row since it was first restored, none before."""

    __tablename__ = "change_life"

    mark: Mapped[str] = mapped_column(primary_key=True)  # random
    begun_at: Mapped[datetime]


def _note(dialect: str) -> sa.Insert:
    columns = Change.__table__.c
    values = {name: sa.bindparam(name, type_=columns[name].type) for name in ("kind", "object_id", "person_id")}
    transaction = "pg_current_xact_id()::text::bigint" if dialect == "postgresql" else "0"
    xid: sa.ColumnElement[int] = sa.literal_column(transaction)
    return sa.insert(Change.__table__).values(xid=xid, **values)  # type: ignore[arg-type]


_NOTE = Prepared(_note)


def note(db: Session, kind: str, object_id: uuid.UUID | str, *, gone_for: uuid.UUID | None = None) -> None:
    """Tell the phones, with this transaction, that a thing changed or is gone for one person."""
    _NOTE.write(db, {"kind": kind, "object_id": str(object_id), "person_id": gone_for})


def note_access(db: Session, person_id: uuid.UUID) -> None:
    """Tell one person's phones, with this transaction, that the person's roles, districts or firm are others now.

    No list of what came and went: it can be the whole city, and a phone that missed one line of it would stay wrong.
    """
    _NOTE.write(db, {"kind": ACCESS, "object_id": str(person_id), "person_id": person_id})


def note_assigned(db: Session, site_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Tell one person's phones, with this transaction, that a site is theirs now."""
    _NOTE.write(db, {"kind": ASSIGNED, "object_id": str(site_id), "person_id": person_id})


def note_all(db: Session, kind: str, object_ids: Iterable[uuid.UUID | str]) -> None:
    """As `note`, for many things at once: an import tells of thousands."""
    _NOTE.write_all(db, [{"kind": kind, "object_id": str(object_id), "person_id": None} for object_id in object_ids])


def begin_life(db: Session) -> None:
    """After a restore: what was told in the life that the backup ended is not what this one tells under the same numbers,
    and the ids of another server's transactions say nothing about ours."""
    db.execute(sa.delete(ChangeLife))
    db.add(ChangeLife(mark=secrets.token_hex(8), begun_at=clock.now()))
    db.execute(sa.update(Change).where(Change.xid != 0).values(xid=0))


def life(db: Session) -> str:
    """The mark of the present life; empty where nothing was ever restored."""
    return db.scalar(sa.select(ChangeLife.mark)) or ""


def losses(db: Session, person_id: uuid.UUID) -> int:
    """How often something was taken from a person: other roles, districts or firm, a site, an issue that is another firm's.

    Whoever keeps this number with what the person was shown can tell whether they may see it still. It is counted, for of
    two that are written at once the lower `seq` may become visible last, and it only grows: who lost something while
    having other roles has lost it when the roles come back.
    """
    return db.scalar(sa.select(losses_of(person_id))) or 0


def losses_of(person_id: Any) -> sa.ScalarSelect[int]:
    """The same as a subquery; `person_id` may be a column."""
    counted = sa.select(sa.func.count()).select_from(Change)
    return counted.where(Change.person_id == person_id, Change.kind != ASSIGNED).scalar_subquery()


# A database has company: a transaction of another one on the same server, which may run for hours, writes nothing here. What
# runs is known by its number, and which database it runs in by its process; who cannot be found there counts as ours.
_HORIZON = sa.text("""
    with seen as materialized (select pg_current_snapshot() as at),
    ours as materialized (
        select held.transactionid::text::bigint as low
        from pg_locks held left join pg_stat_activity process on process.pid = held.pid
        where held.locktype = 'transactionid' and held.mode = 'ExclusiveLock' and held.granted
          and (process.datid is null or process.datname = current_database())
    )
    select coalesce(
        (select min(running::text::bigint) from seen, pg_snapshot_xip(seen.at) as running
         where (running::text::bigint & 4294967295) in (select low from ours)),
        (select pg_snapshot_xmax(seen.at)::text::bigint from seen)
    )
""")


def horizon(db: Session) -> int | None:
    """On PostgreSQL, the id below which every transaction of this database has ended; None where there is one writer.

    What is read below it must be read by a later statement that sees what has been committed by then: never in
    `Database.snapshot`, which still sees the world in which a transaction ran that has ended since.
    """
    if db.get_bind().dialect.name != "postgresql":
        return None
    return int(db.execute(_HORIZON).scalar_one())
