"""What a photo says of itself: when, where, with what, how large. Plain facts; whoever compares them judges them."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Self

from . import exif as tags
from .exif import Exif, Value
from .header import read_exif, read_header
from .place import read_place
from .window import Window
from .wording import cleaned

_MOMENT = re.compile(rb"(\d{4})[:/.-](\d\d)[:/.-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(rb"([+-])(\d\d):?(\d\d)")
_BLANK = re.compile(rb"[\s:]*")  # EXIF's own way of writing "not known"
_YEARS = range(1970, 2101)  # a reset camera's 1970 or 2000 is a fact to be shown, the year 0 or 9999 is none


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """Facts of one photo; what is missing or beyond belief is None, with a kebab-case code in `problems`.

    `taken_at` is the camera's clock: aware where the photo names its offset, else naive (the wall clock of wherever it
    was). `gps_at` is UTC. `lat`, `lng` are degrees as written, north and east positive; `altitude_m` metres above the
    sea; `gps_error_m` the phone's own estimate in metres. `width`, `height` are pixels as shown upright;
    `orientation` is the turn that was needed for that, as an EXIF number 1 to 8.
    """

    media_type: str | None = None
    width: int | None = None
    height: int | None = None
    orientation: int | None = None
    has_exif: bool = False
    taken_at: datetime | None = None
    lat: float | None = None
    lng: float | None = None
    altitude_m: float | None = None
    gps_error_m: float | None = None
    gps_at: datetime | None = None
    make: str | None = None
    model: str | None = None
    software: str | None = None
    problems: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON: moments in ISO 8601, problems as a list."""
        out = asdict(self)
        for key in ("taken_at", "gps_at"):
            out[key] = out[key].isoformat() if out[key] else None
        return out | {"problems": list(self.problems)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The facts that as_dict wrote."""
        moments = {key: datetime.fromisoformat(data[key]) if data[key] else None for key in ("taken_at", "gps_at")}
        return cls(**{**data, **moments, "problems": tuple(data["problems"])})


def read_facts(path: str | Path) -> PhotoFacts:
    """Facts of the file at `path`, in pure Python and a few reads; any bytes give facts, never an error.

    Raises OSError where the file itself cannot be read. A file of no accepted format has the one problem
    `unsupported-media-type`.
    """
    with Window(path) as window:
        header = read_header(window)
        if header is None:
            return PhotoFacts(problems=("unsupported-media-type",))
        raw = read_exif(window, header)
    problems: list[str] = [header.reason] if header.reason else []
    exif = tags.parse(raw) if raw else Exif()
    if exif.broken:
        problems.append("exif-broken")
    turn = header.orientation
    if header.decoder in ("JPEG", "PNG", "WEBP"):  # in HEIC and AVIF the box is the law and EXIF a copy of it
        turn = _orientation(exif.first.get(tags.ORIENTATION), problems)
    width, height = (header.height, header.width) if turn >= 5 else (header.width, header.height)
    facts = PhotoFacts(header.media_type, width, height, turn, has_exif=bool(raw))
    facts = replace(
        facts,
        taken_at=_taken(exif, problems),
        make=_text(exif.first.get(tags.MAKE), problems),
        model=_text(exif.first.get(tags.MODEL), problems),
        software=_text(exif.first.get(tags.SOFTWARE), problems),
    )
    facts = replace(facts, **read_place(exif.gps, problems), gps_at=_gps_at(exif, problems))
    return replace(facts, problems=tuple(dict.fromkeys(problems)))


def _orientation(value: Value | None, problems: list[str]) -> int:
    number = value.whole() if value else 1
    if number is not None and 1 <= number <= 8:
        return number
    if number != 0:  # 0 is what some phones write for "did not look"
        problems.append("orientation-broken")
    return 1


def _text(value: Value | None, problems: list[str]) -> str | None:
    if value is None:
        return None
    raw = value.text()
    if raw is None:
        problems.append("text-broken")
        return None
    return cleaned(raw, problems)


def _moment(raw: bytes, problems: list[str], problem: str) -> datetime | None:
    if _BLANK.fullmatch(raw):
        return None
    found = _MOMENT.match(raw)
    if found is None:
        problems.append(problem)
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups())
    if hour == 24:  # some Android cameras count 1 to 24 and write 24:05 for five past midnight of the same day
        hour = 0
        problems.append("hour-24")
    try:  # naive on purpose: the camera's wall clock has no zone
        moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
    except ValueError:
        moment = None
    if moment is None or year not in _YEARS:
        problems.append(problem)
        return None
    return moment


def _taken(exif: Exif, problems: list[str]) -> datetime | None:
    value = exif.camera.get(tags.TAKEN)
    moment = _moment((value.text() or b"?") if value else b"", problems, "taken-at-broken")
    if moment is None:
        return None
    part = exif.camera.get(tags.TAKEN_SUBSECOND)
    digits = ((part.text() if part else None) or b"").strip()
    if digits.isdigit():
        moment = moment.replace(microsecond=int(digits[:6].ljust(6, b"0")))
    offset = exif.camera.get(tags.TAKEN_OFFSET)
    said = ((offset.text() if offset else None) or b"").strip()
    if _BLANK.fullmatch(said):
        return moment
    found = _OFFSET.fullmatch(said)
    minutes = int(found[2]) * 60 + int(found[3]) if found else 15 * 60
    if found is None or minutes > 14 * 60 or int(found[3]) > 59:
        problems.append("offset-broken")
        return moment
    return moment.replace(tzinfo=timezone(timedelta(minutes=-minutes if found[1] == b"-" else minutes)))


def _gps_at(exif: Exif, problems: list[str]) -> datetime | None:
    day, clock = exif.gps.get(tags.GPS_DATE), exif.gps.get(tags.GPS_TIME)
    if day is None or clock is None:
        return None
    parts = clock.fractions() or []
    if len(parts) < 3 or any(under <= 0 or over < 0 for over, under in parts[:3]):
        problems.append("gps-time-broken")
        return None
    hour, minute, second = (over / under for over, under in parts[:3])
    start = _moment((day.text() or b"?").strip()[:10] + b" 00:00:00", problems, "gps-time-broken")
    if start is None:
        return None
    if hour >= 25 or minute >= 60 or second >= 61:
        problems.append("gps-time-broken")
        return None
    return start.replace(tzinfo=UTC) + timedelta(hours=hour, minutes=minute, seconds=second)
