"""Tables of the residents' word: the question that a closing asks, pictures that came, tries that count for a while."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.issues.rules import ResidentsAnswer
from server.kit.db import Base
from server.kit.ids import new_id

FOLDER = "residents"  # of the store


class Question(Base):
    """Is it fixed? Asked of the residents when an issue is closed; the first answer counts.

    The code is in no table: it is made from the secret, the id and the nonce, and looked up by its hash. Both go once
    the link has expired; comment, photo and digest go after the days of the setting, and who answered was never kept.
    """

    __tablename__ = "residents_question"
    __table_args__ = (
        sa.Index("ix_residents_question_issue_id_created_at", "issue_id", "created_at"),
        sa.Index("ix_residents_question_expires_at", "expires_at"),
        sa.Index("ix_residents_question_answered_at", "answered_at"),
        sa.CheckConstraint("(answer is null) = (answered_at is null)", name="answered"),
        sa.CheckConstraint(
            "answer is not null or (comment is null and photo_id is null and digest is null)", name="unanswered"
        ),
        sa.CheckConstraint(
            "erased_at is null or (comment is null and photo_id is null and digest is null)", name="erased"
        ),
        sa.CheckConstraint("(code_hash is null) = (nonce is null)", name="code"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    issue_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("issue.id"))
    round: Mapped[int]
    nonce: Mapped[str | None]
    code_hash: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID | None]  # None: the product, on closing
    expires_at: Mapped[datetime]
    answer: Mapped[ResidentsAnswer | None]
    answered_at: Mapped[datetime | None]
    comment: Mapped[str | None]
    photo_id: Mapped[uuid.UUID | None]
    digest: Mapped[str | None]  # by which the same form sent twice is known
    erased_at: Mapped[datetime | None]


class Picture(Base):
    """A resident's picture in the store, written down before its bytes are there: none is ever left behind there."""

    __tablename__ = "residents_picture"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    question_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("residents_question.id"), index=True)
    made_at: Mapped[datetime]


class Try(Base):
    """An answer sent or a code that was none, by a salted hash of the address or code; gone after the window."""

    __tablename__ = "residents_try"
    __table_args__ = (sa.Index("ix_residents_try_key_at", "key", "at"), sa.Index("ix_residents_try_at", "at"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key: Mapped[str]
    at: Mapped[datetime]


def picture_key(picture_id: uuid.UUID) -> str:
    """Where the store has it."""
    return f"{FOLDER}/{picture_id}.jpg"
