"""Selects over photos and uploads; `visible_to` is the one filter for facts, originals and renditions."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Person
from server.errors import Refusal, not_found
from server.kit import clock
from server.kit.actor import Actor, Role
from server.kit.here import staging
from server.kit.prepared import Asker, Prepared, among
from server.photos import hooks
from server.photos.models import Flag, Original, Photo, PhotoHolder, Upload
from server.photos.staging import Part


@dataclass(frozen=True, slots=True)
class Standing:
    """What is there already when an upload is asked for."""

    photo_owner: uuid.UUID | None
    photo_sha256: str | None
    photo_size: int
    holders: tuple[uuid.UUID, ...]  # that name this photo
    under_way: int  # unfinished uploads of this person
    removed: bool  # these bytes were here, and the rule of retention took them


@dataclass(frozen=True, slots=True)
class UploadRow:
    """A row of `upload`, read or about to be written: intake passes many, and an ORM object costs more than its row.

    One that is read from a photo's row has the photo's id, and forgot whom it was for.
    """

    id: uuid.UUID
    owner_id: uuid.UUID
    holder_id: uuid.UUID | None
    photo_id: uuid.UUID
    sha256: str
    size: int
    filename: str | None
    metadata_header: str
    created_at: datetime
    expires_at: datetime
    finished_at: datetime | None = None

    def values(self) -> dict[str, Any]:
        """By column."""
        return {name: getattr(self, name) for name in self.__slots__}


_STANDING = Prepared(sa.union_all(
    sa.select(
        sa.literal("photo"), Photo.owner_id.label("id"), (Photo.sha256 + sa.cast(Original.size, sa.Text)).label("what")
    )
    .join(Original, Original.sha256 == Photo.sha256)
    .where(Photo.id == sa.bindparam("photo_id", type_=sa.Uuid())),
    sa.select(sa.literal("holder"), PhotoHolder.holder_id, PhotoHolder.kind)
    .where(PhotoHolder.photo_id == sa.bindparam("photo_id", type_=sa.Uuid())),
    sa.select(sa.literal("open"), sa.cast(sa.null(), sa.Uuid()), sa.cast(sa.func.count(), sa.Text()))
    .select_from(Upload)
    .where(Upload.owner_id == sa.bindparam("owner_id", type_=sa.Uuid()), Upload.finished_at.is_(None)),
    sa.select(sa.literal("removed"), sa.cast(sa.null(), sa.Uuid()), Original.sha256)
    .where(Original.sha256 == sa.bindparam("sha256", type_=sa.Text()), Original.removed_at.is_not(None)),
))


def standing(db: Asker, owner_id: uuid.UUID, photo_id: uuid.UUID, asked: str) -> Standing:
    """One statement: creating an upload is asked for once per photo."""
    owner, sha256, size, holders, under_way, removed = None, None, 0, [], 0, False
    for kind, found_id, what in _STANDING.all(db, photo_id=photo_id, owner_id=owner_id, sha256=asked):
        if kind == "photo":
            owner, sha256, size = found_id, what[:64], int(what[64:])
        elif kind == "holder":
            holders.append(found_id)
        elif kind == "removed":
            removed = True
        else:
            under_way = int(what)
    return Standing(owner, sha256, size, tuple(holders), under_way, removed)


def is_strangers(db: Asker, actor: Actor, asked: uuid.UUID, holders: Iterable[uuid.UUID]) -> bool:
    """Whether the report or reply asked for is somebody else's, or the photo is held by others alone: one who names
    the photo of another cannot keep its owner from sending it."""
    if _is_own(db, actor, asked) is False:
        return True
    owns = [_is_own(db, actor, holder_id) for holder_id in holders]
    return False in owns and True not in owns


def stored_of_own(db: Session, actor: Actor, photo_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Which of these photos the actor has stored, each with its SHA-256. 404 naming those that somebody else has stored,
    or that are held by others alone: naming a stranger's photo would otherwise let one see it."""
    if not photo_ids:
        return {}
    stored = _STORED.all(db, photos=photo_ids)
    strangers = {photo_id for photo_id, owner_id, _ in stored if owner_id != actor.id}
    strangers |= _held_by_others(db, actor, photo_ids)
    if strangers:
        raise Refusal("not-found", errors={"photos": [f"{one}: 未找到 / not found" for one in sorted(strangers)]})
    return {photo_id: sha256 for photo_id, _, sha256 in stored}


def _held_by_others(db: Asker, actor: Actor, photo_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these photos, stored or not, that are held by others alone."""
    held = _HELD.all(db, photos=list(photo_ids))
    own = {holder_id: _is_own(db, actor, holder_id) for holder_id in {holder_id for _, holder_id in held}}
    others = {photo_id for photo_id, holder_id in held if own[holder_id] is False}
    return others - {photo_id for photo_id, holder_id in held if own[holder_id]}


_HELD = Prepared(
    lambda dialect: sa.select(PhotoHolder.photo_id, PhotoHolder.holder_id)
    .where(among(PhotoHolder.photo_id, "photos", dialect))
)


def _is_own(db: Asker, actor: Actor, holder_id: uuid.UUID) -> bool | None:
    """Whether a report or reply is the actor's own; None where it is not known."""
    for hook in hooks.HOLDER_OF:
        own = hook(db, actor, holder_id)
        if own is not None:
            return own
    return None


def expected_bytes(db: Asker, owner_id: uuid.UUID, photo_id: uuid.UUID) -> set[str]:
    """The SHA-256 sums under which what this person has sent waits for the photo."""
    return set().union(*(hook(db, owner_id, photo_id) for hook in hooks.EXPECTED))


_UPLOAD = Prepared(
    sa.select(*(Upload.__table__.c[name] for name in UploadRow.__slots__)).where(
        Upload.id == sa.bindparam("upload", type_=sa.Uuid()), Upload.owner_id == sa.bindparam("owner", type_=sa.Uuid())
    )
)


_WHOLE = Prepared(
    sa.select(
        Photo.id, Photo.owner_id, sa.cast(sa.null(), sa.Uuid()).label("holder_id"), Photo.id.label("photo_id"),
        Photo.sha256, Original.size, Photo.filename, Photo.upload_header,
        Photo.received_at.label("created_at"), Photo.upload_expires_at, Photo.received_at.label("finished_at"),
    )
    .join(Original, Original.sha256 == Photo.sha256)
    .where(
        Photo.id == sa.bindparam("upload", type_=sa.Uuid()), Photo.owner_id == sa.bindparam("owner", type_=sa.Uuid()),
        Photo.upload_header.is_not(None),
    )
)


def find_upload(db: Asker, actor: Actor, upload_id: uuid.UUID) -> UploadRow:
    """One's own upload; 404 for anybody else's."""
    row = _UPLOAD.first(db, upload=upload_id, owner=actor.id) or _WHOLE.first(db, upload=upload_id, owner=actor.id)
    if row is None:
        raise not_found()
    return UploadRow(*row)


def upload_url(upload_id: uuid.UUID) -> str:
    return f"/api/v1/uploads/{upload_id}"


_UNFINISHED = Prepared(
    lambda dialect: sa.select(Upload.photo_id, Upload.id, Upload.expires_at)
    .where(
        Upload.owner_id == sa.bindparam("owner", type_=sa.Uuid()), Upload.finished_at.is_(None),
        among(Upload.photo_id, "photos", dialect),
    )
    .order_by(Upload.created_at)
)


def open_upload(db: Session, owner_id: uuid.UUID, photo_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """For each of these photos that has an unfinished upload: the address of the one that got furthest."""
    if not photo_ids:
        return {}
    now = clock.now()
    furthest: dict[uuid.UUID, tuple[int, uuid.UUID]] = {}
    for photo_id, upload_id, expires_at in _UNFINISHED.all(db, owner=owner_id, photos=photo_ids):
        if expires_at <= now:
            continue
        size = Part(staging(), upload_id).size()
        if photo_id not in furthest or size >= furthest[photo_id][0]:
            furthest[photo_id] = (size, upload_id)
    return {photo_id: upload_url(upload_id) for photo_id, (_, upload_id) in furthest.items()}


_STORED = Prepared(
    lambda dialect: sa.select(Photo.id, Photo.owner_id, Photo.sha256).where(among(Photo.id, "photos", dialect))
)


_REMOVED = Prepared(
    lambda dialect: sa.select(Photo.id).where(Photo.removed_at.is_not(None), among(Photo.id, "photos", dialect))
)


def removed_among(db: Asker, photo_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Of these photos those whose originals the rule of retention has removed."""
    ids = list(photo_ids)
    return {photo_id for photo_id, in _REMOVED.all(db, photos=ids)} if ids else set()


def removed_days(db: Session, sums: Iterable[str]) -> dict[str, date]:
    """Of photos of these bytes those whose originals the rule of retention has removed, by id, with the day."""
    shown: list[str] = sorted(sums)
    found: dict[str, date] = {}
    for start in range(0, len(shown), 500):
        query = sa.select(Photo.id, Photo.removed_at).where(
            Photo.sha256.in_(shown[start:start + 500]), Photo.removed_at.is_not(None)
        )
        found.update({str(photo_id): clock.day_of(at) for photo_id, at in db.execute(query) if at})
    return found


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """One's own photos, and those that a report, reply or issue holds that one may see."""
    return sa.or_(Photo.owner_id == actor.id, held_by_visible(actor))


def held_by_visible(actor: Actor) -> sa.ColumnElement[bool]:
    """Photos that a report, reply or issue holds that the actor may see, whoever took them."""
    seen: list[sa.ColumnElement[bool]] = [sa.false()]
    for kind, visible in hooks.HOLDERS.items():
        held = sa.select(sa.literal(1)).where(
            PhotoHolder.photo_id == Photo.id, PhotoHolder.kind == kind, PhotoHolder.holder_id.in_(visible(actor))
        )
        if kind in hooks.SHOWN:
            held = held.where(hooks.SHOWN[kind](actor))
        seen.append(held.correlate(Photo).exists())
    return sa.or_(*seen)


def district_of(db: Session, photo_id: uuid.UUID) -> str | None:
    """The district of what holds the photo now; None where nothing does yet."""
    return districts_of(db, [photo_id]).get(photo_id)


def districts_of(db: Session, photo_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The district of the report, reply or issue that holds each photo; none for what nothing holds."""
    wanted = list(photo_ids)
    return dict(_DISTRICTS.all(db, photos=wanted)) if wanted else {}


def _districts(dialect: str) -> sa.Executable:
    held = []
    for kind, select in hooks.PLACES.items():
        place = select.subquery()
        held.append(
            sa.select(PhotoHolder.photo_id, place.c.district_code).join(place, place.c.id == PhotoHolder.holder_id)
            .where(PhotoHolder.kind == kind, among(PhotoHolder.photo_id, "photos", dialect))
        )
    return sa.union_all(*held)


_DISTRICTS = Prepared(_districts)


def find_photo(db: Session, actor: Actor, photo_id: uuid.UUID) -> tuple[Photo, Original]:
    """The photo and its bytes' row; 404 where one may not see it."""
    query = (
        sa.select(Photo, Original).join(Original, Original.sha256 == Photo.sha256)
        .where(Photo.id == photo_id, visible_to(actor))
    )
    row = db.execute(query).first()
    if row is None:
        raise not_found()
    return row[0], row[1]


def flags_of_report(db: Session, report_id: uuid.UUID) -> list[Flag]:
    """The flags of a report and of its photos, oldest first."""
    its_photos = sa.select(PhotoHolder.photo_id).where(PhotoHolder.kind == "report", PhotoHolder.holder_id == report_id)
    query = sa.select(Flag).where(
        sa.or_(Flag.report_id == report_id, sa.and_(Flag.object_kind == "photo", Flag.object_id.in_(its_photos))),
        Flag.withdrawn_at.is_(None),
    )
    return list(db.scalars(query.order_by(Flag.raised_at, Flag.id)))


def flags_of_photo(db: Session, actor: Actor, photo_id: uuid.UUID) -> list[Flag]:
    """The flags on a photo that the actor may see, oldest first."""
    return flags_of_photos(db, actor, [photo_id])


def flags_of_photos(db: Session, actor: Actor, photo_ids: Sequence[uuid.UUID]) -> list[Flag]:
    """As `flags_of_photo`, of several."""
    query = sa.select(Flag).where(Flag.object_kind == "photo", Flag.object_id.in_(photo_ids), may_see_flag(actor))
    return list(db.scalars(query.order_by(Flag.raised_at, Flag.id))) if photo_ids else []


def may_see_flag(actor: Actor) -> sa.ColumnElement[bool]:
    """Those of reports and their photos are for who sees the report, and for who took the photo. Those of other photos are
    for who sees the photo. A firm is told those on its own photos: of what an inspector took for an issue it is not told
    what is doubted."""
    of_photo = sa.select(Photo.id).where(Photo.id == Flag.object_id, _flags_are_seen(actor)).correlate(Flag)
    return sa.and_(
        Flag.withdrawn_at.is_(None),
        sa.or_(
            sa.and_(Flag.object_kind == "photo", of_photo.exists()),
            sa.and_(Flag.object_kind == "report", Flag.object_id.in_(hooks.HOLDERS["report"](actor))),
        ),
    )


def may_see_flags_of(db: Session, actor: Actor, photo_id: uuid.UUID) -> bool:
    """Whether the flags on a photo, be there any, are told to the actor."""
    return db.scalar(sa.select(Photo.id).where(Photo.id == photo_id, _flags_are_seen(actor))) is not None


def _flags_are_seen(actor: Actor) -> sa.ColumnElement[bool]:
    shown = sa.select(PhotoHolder.holder_id).where(
        PhotoHolder.photo_id == Photo.id, PhotoHolder.kind == "report"
    ).correlate(Photo)
    seen = shown.where(PhotoHolder.holder_id.in_(hooks.HOLDERS["report"](actor)))
    other = [sa.not_(shown.exists()), visible_to(actor)]
    if actor.roles <= {Role.CONTRACTOR}:
        own_people = sa.select(Person.id).where(Person.organisation_id == actor.organisation_id)
        other.append(Photo.owner_id.in_(own_people))
    return sa.or_(Photo.owner_id == actor.id, seen.exists(), sa.and_(*other))


def find_flag(db: Session, actor: Actor, flag_id: uuid.UUID) -> Flag:
    """The flag; 404 where one may not see it, or where it was withdrawn."""
    flag = db.scalar(sa.select(Flag).where(Flag.id == flag_id, may_see_flag(actor)))
    if flag is None:
        raise not_found()
    return flag
