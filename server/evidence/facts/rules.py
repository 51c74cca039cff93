"""What is known of a report and its photos when they are judged, and the thresholds: plain values, no decisions."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from server.kit.geo import Fence, Point

Numbers = dict[str, Any]
Found = dict[str, Numbers]  # the code of a flag → the numbers behind it

CODES = frozenset({
    "outside-fence", "no-position", "position-mismatch", "datum-suspect", "impossible-travel", "time-mismatch",
    "time-order", "outside-visit", "clock-skew", "no-exif", "edited", "screenshot", "messenger-copy", "from-gallery",
})  # all that are raised here, and so all that may be withdrawn here


class Source(StrEnum):
    """How a photo came into the report, as far as it matters here. Anything else a phone may say is neither."""

    CAMERA = "camera"
    GALLERY = "gallery"


@dataclass(frozen=True, slots=True)
class Limits:
    """The thresholds, as `config.py` explains them."""

    outside_m: float
    apart_m: float
    datum_m: float
    travel_kmh: float
    travel_m: float
    clock_minutes: float
    times_minutes: float
    visit_minutes: float
    no_exif_photos: int
    editors: tuple[str, ...]  # in small letters
    screens: frozenset[tuple[int, int]]  # short side, long side
    messenger_sides: frozenset[int]


@dataclass(frozen=True, slots=True)
class Fix:
    """A position in WGS-84. An accuracy that is not known counts as nothing."""

    point: Point
    accuracy_m: float | None = None
    at: datetime | None = None

    @property
    def blur_m(self) -> float:
        return self.accuracy_m or 0.0


@dataclass(frozen=True, slots=True)
class Exif:
    """What a photo's file says of itself. `taken_at` is aware: Asia/Shanghai where the file names no offset."""

    taken_at: datetime | None = None
    gps_at: datetime | None = None
    fix: Fix | None = None
    make: str | None = None
    model: str | None = None
    software: str | None = None

    @property
    def is_of_a_camera(self) -> bool:
        return bool(self.make or self.model or self.taken_at)


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo as the report says it; `exif` is None until its bytes are here and were read."""

    id: uuid.UUID
    source: str | None = None
    live: bool = False  # drawn by the page's own camera, which writes no EXIF
    captured_at: datetime | None = None
    fix: Fix | None = None
    exif: Exif | None = None
    media_type: str = "image/jpeg"
    width: int | None = None
    height: int | None = None
    size: int = 0
    is_damaged: bool = False

    @property
    def place(self) -> Fix | None:
        """Where it was taken. The phone was there for a photo of its camera; one from the gallery says so itself, and
        where the phone was when it was chosen is the next best."""
        own = self.exif.fix if self.exif else None
        return (own or self.fix) if self.source == Source.GALLERY else (self.fix or own)

    @property
    def is_bare(self) -> bool:
        """Whole, read, and without a word of a camera."""
        return self.exif is not None and not self.is_damaged and not self.exif.is_of_a_camera


@dataclass(frozen=True, slots=True)
class Visit:
    """A report, or the reply to an issue, which has no time of its own: its times by the phone's clock, but for
    `received_at`. `skew_s` is how far that clock is ahead."""

    id: uuid.UUID
    started_at: datetime | None
    finished_at: datetime | None
    received_at: datetime
    sent_at: datetime | None = None
    fix: Fix | None = None
    fence: Fence | None = None
    shots: tuple[Shot, ...] = ()
    skew_s: float | None = None  # None: nothing was ever sent from which it could be known
    sendings: int = 0  # from how many it is known

    @property
    def is_report(self) -> bool:
        """Whether there is something on which a fact can stand that is one of all the photos; else each says it itself."""
        return self.finished_at is not None


@dataclass(slots=True)
class Judged:
    """What is found of a report and of each of its photos."""

    report: Found = field(default_factory=dict)
    photos: dict[uuid.UUID, Found] = field(default_factory=dict)


def minutes(seconds: float) -> int:
    """Whole minutes, however long."""
    return round(abs(seconds) / 60)
