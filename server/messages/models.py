"""Tables of messages: the inbox; the key makes each message come once."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base
from server.kit.ids import new_id


class Message(Base):
    """Something that one person should know, in words made when shown: `kind` and `facts` are what is kept."""

    __tablename__ = "message"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "key"),
        sa.Index("ix_message_person_id_created_at_id", "person_id", "created_at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    key: Mapped[str]
    kind: Mapped[str]
    facts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
