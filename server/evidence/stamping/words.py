"""Words of a stamp in both languages, and how its lines are put together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from server.kit import clock
from server.kit.i18n import Language

Pair = tuple[str, str]  # zh, en
BY_PHONE: Pair = ("手机时间", "phone's clock")
RECEIVED: Pair = ("收到时间", "received, server's clock")
REPORT: Pair = ("检查报告", "Report")
ISSUE: Pair = ("问题", "Issue")
BEFORE: Pair = ("整改前", "before")
AFTER: Pair = ("整改后", "after")
TAKEN_BY: Pair = ("拍摄人", "Taken by")
CONTRACTOR: Pair = ("施工单位", "Contractor")
NO_POSITION: Pair = ("没有位置", "No position")
ABOUT: Pair = ("约", "about ")
METRES: Pair = ("米", "m")
SHORT_HASH = 12


def pick(pair: Pair, language: Language) -> str:
    return pair[0 if language == "zh" else 1]


@dataclass(frozen=True, slots=True)
class Place:
    """WGS-84; `exact` says whether it is told to the metre or to the neighbourhood."""

    lat: float
    lng: float
    accuracy_m: float | None
    exact: bool


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is known of a photo, for one asker."""

    sha256: str
    received_at: datetime
    captured_at: datetime | None
    place: Place | None
    district: Pair | None = None
    site: str | None = None
    item: str | None = None
    item_name: Pair | None = None
    taken_by: str | None = None
    report: str | None = None
    issue: str | None = None
    kind: str | None = None  # before | after
    contractor: str | None = None


def lines(stamp: Stamp, language: Language) -> list[str]:
    """The most needed first: where room is short, the last go."""
    found = [
        _when(stamp, language), _where(stamp, language),
        _gap(language).join(filter(None, [_site(stamp, language), _item(stamp, language)])),
        _gap(language).join(filter(None, [
            _said(TAKEN_BY, stamp.taken_by, language), _said(CONTRACTOR, stamp.contractor, language),
        ])),
        _gap(language).join(filter(None, [
            _said(REPORT, stamp.report, language), _issue(stamp, language), f"SHA-256:{stamp.sha256[:SHORT_HASH]}",
        ])),
    ]
    return [line for line in found if line]


def _gap(language: Language) -> str:
    return "　" if language == "zh" else "  "


def _when(stamp: Stamp, language: Language) -> str:
    at, whose = (stamp.captured_at, BY_PHONE) if stamp.captured_at else (stamp.received_at, RECEIVED)
    moment = at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if 1 < at.year < 9999 else str(at.year)
    return f"{moment}（{whose[0]}）" if language == "zh" else f"{moment} ({whose[1]})"


def _where(stamp: Stamp, language: Language) -> str:
    place = stamp.place
    if place is None:
        return pick(NO_POSITION, language)
    digits = 6 if place.exact else 3
    lat, lng = abs(place.lat), abs(place.lng)
    said = f"{lat:.{digits}f}°{'S' if place.lat < 0 else 'N'}, {lng:.{digits}f}°{'W' if place.lng < 0 else 'E'}"
    near = f" ±{place.accuracy_m:.0f} {pick(METRES, language)}" if place.accuracy_m is not None else ""
    return f"{'' if place.exact else pick(ABOUT, language)}{said}{near} WGS-84"


def _site(stamp: Stamp, language: Language) -> str:
    return " ".join(filter(None, [pick(stamp.district, language) if stamp.district else "", stamp.site or ""]))


def _item(stamp: Stamp, language: Language) -> str:
    return " ".join(filter(None, [stamp.item or "", pick(stamp.item_name, language) if stamp.item_name else ""]))


def _issue(stamp: Stamp, language: Language) -> str:
    if stamp.issue is None:
        return ""
    side = {"before": BEFORE, "after": AFTER}.get(stamp.kind or "")
    if side is None:
        return _said(ISSUE, stamp.issue, language)
    said = pick(side, language)
    return _said(ISSUE, stamp.issue, language) + (f"（{said}）" if language == "zh" else f" ({said})")


def _said(label: Pair, text: str | None, language: Language) -> str:
    if not text:
        return ""
    return f"{label[0]}：{text}" if language == "zh" else f"{label[1]}: {text}"
