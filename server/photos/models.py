"""Tables of photos: originals by their bytes, photos by the phone's id, who holds them, uploads under way, flags."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base
from server.kit.ids import new_id

_KEPT = sa.text("removed_at is null")
_GOING = sa.text("removed_at is not null and gone_at is null")


class Renditions(StrEnum):
    """Whether the previews of an original stand."""

    PENDING = "pending"
    MADE = "made"
    UNREADABLE = "unreadable"
    NOT_MADE = "not_made"


class Original(Base):
    """The very bytes, kept once under their SHA-256 however many photos show them.

    `removed_at` says that the rule of retention took them: first the row says so, then the file goes (`gone_at`). Who
    sends the same bytes with another photo puts them back.
    """

    __tablename__ = "original"
    __table_args__ = (
        sa.CheckConstraint("gone_at is null or removed_at is not null", name="gone"),
        # what may become due, and what is on its way out: few of all, once a rule has been at work
        sa.Index("ix_original_kept", "stored_at", "sha256", sqlite_where=_KEPT, postgresql_where=_KEPT),
        sa.Index("ix_original_going", "removed_at", sqlite_where=_GOING, postgresql_where=_GOING),
    )

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    media_type: Mapped[str]
    width: Mapped[int | None]
    height: Mapped[int | None]
    unreadable: Mapped[bool] = mapped_column(default=False)
    stored_at: Mapped[datetime]
    facts: Mapped[dict[str, Any] | None]  # EXIF time, position, orientation, camera; read by a job
    renditions: Mapped[Renditions] = mapped_column(default=Renditions.PENDING)
    renditions_why: Mapped[str | None]
    removed_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]


class Photo(Base):
    """A photo as one phone took it. Its id was made there; the bytes are shared with equal ones.

    A photo whose original was removed by rule stays so for good, also where another photo brings the same bytes again.
    """

    __tablename__ = "photo"
    __table_args__ = (sa.CheckConstraint("(removed_at is null) = (removed_days is null)", name="removed"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    sha256: Mapped[str] = mapped_column(sa.ForeignKey("original.sha256"), index=True)
    filename: Mapped[str | None]
    received_at: Mapped[datetime]
    # A photo that came in one request is its own finished upload, under its own id: most have no other row.
    upload_header: Mapped[str | None]  # Upload-Metadata to the letter
    upload_expires_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    removed_days: Mapped[int | None]  # the rule by which: so many days after all was decided


class PhotoHolder(Base):
    """A report, reply or issue that shows a photo; whoever may see the holder may see the photo."""

    __tablename__ = "photo_holder"
    __table_args__ = (sa.Index("ix_photo_holder_holder", "kind", "holder_id"),)

    photo_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)  # report | issue | entry
    holder_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)


class Upload(Base):
    """A tus upload that did not come whole in one request. Its offset is the length of its file, which alone says how
    much is on the disk."""

    __tablename__ = "upload"
    __table_args__ = (
        # how many a person has under way is asked at every creation; the finished ones are many more
        sa.Index(
            "ix_upload_open", "owner_id", sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    holder_id: Mapped[uuid.UUID]  # the report or reply it is for
    photo_id: Mapped[uuid.UUID] = mapped_column(index=True)
    sha256: Mapped[str]
    size: Mapped[int]
    filename: Mapped[str | None]
    metadata_header: Mapped[str]  # Upload-Metadata to the letter: HEAD gives it back
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]


class Flag(Base):
    """A plain fact that tells a reviewer where to look; its inspector can answer it, a reviewer settles it with a reason."""

    __tablename__ = "flag"
    __table_args__ = (
        sa.UniqueConstraint("object_kind", "object_id", "code"),
        sa.Index("ix_flag_code_report_id", "code", "report_id"),
        sa.Index("ix_flag_report_id", "report_id"),
        sa.CheckConstraint(
            "(settled_at is null) = (settled_by is null) and (settled_at is null) = (settled_reason is null)", name="settled"
        ),
        sa.CheckConstraint(
            "(answered_at is null) = (answered_by is null) and (answered_at is null) = (answer is null)", name="answered"
        ),
        sa.CheckConstraint("withdrawn_at is null or settled_at is null", name="withdrawn"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str]
    object_kind: Mapped[str]  # photo | report
    object_id: Mapped[uuid.UUID]
    report_id: Mapped[uuid.UUID | None]
    numbers: Mapped[dict[str, Any]]
    raised_at: Mapped[datetime]
    settled_by: Mapped[uuid.UUID | None]
    settled_at: Mapped[datetime | None]
    settled_reason: Mapped[str | None]
    answered_by: Mapped[uuid.UUID | None]
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None]  # what the inspector says to it
    withdrawn_at: Mapped[datetime | None]  # a newer revision, or what came later, no longer gives it: shown nowhere


class Redaction(Base):
    """Black boxes that somebody laid over renditions of these bytes, until they are lifted. The original stays as it is."""

    __tablename__ = "redaction"
    __table_args__ = (
        sa.CheckConstraint("(lifted_at is null) = (lifted_by is null)", name="lifted"),
        sa.Index("ix_redaction_sha256", "sha256"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    sha256: Mapped[str] = mapped_column(sa.ForeignKey("original.sha256"))
    photo_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("photo.id"))  # on which it was drawn
    boxes: Mapped[list[Any]]  # [[x, y, width, height], …] in parts of the upright picture
    reason: Mapped[str]
    by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    lifted_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    lifted_at: Mapped[datetime | None]
    lifted_reason: Mapped[str | None]
