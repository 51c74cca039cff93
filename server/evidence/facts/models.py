"""Tables behind the facts: where a phone was and when, and how far its clock is off."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base


class DeviceFix(Base):
    """A position that a phone gave with a report or one of its photos: the way it travelled, whoever carried it."""

    __tablename__ = "device_fix"
    __table_args__ = (sa.Index("ix_device_fix_device_id_at", "device_id", "at"),)

    report_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("report.id"), primary_key=True)
    object_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)  # the report itself, or the photo
    device_id: Mapped[str]
    at: Mapped[datetime]  # by the phone's clock put right
    lat: Mapped[float]  # WGS-84
    lng: Mapped[float]
    accuracy_m: Mapped[float | None]


class DeviceClock(Base):
    """How far a phone's clock is ahead, from when it said that it sent and when that was received."""

    __tablename__ = "device_clock"

    device_id: Mapped[str] = mapped_column(primary_key=True)
    skew_s: Mapped[float]  # negative: behind
    measured_at: Mapped[datetime]
    # [[report, revision, received_at, sent − received in seconds], …], the newest last
    readings: Mapped[list[Any]]
