"""Photos as a ZIP: folders by district, community and day, originals byte for byte, and a list with their SHA-256."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from server.accounts import queries as people
from server.documents.files import StoredPhotos
from server.evidence.custody.opened import Noted
from server.exports import photos
from server.exports.photos import Shot
from server.exports.zipping import Archive
from server.kit import clock
from server.kit.actor import Actor
from server.kit.covering import Covers
from server.kit.i18n import Language
from server.kit.sheets import Cell, write_csv
from server.kit.storage import CHUNK, Store, original_key
from server.permissions import placed
from server.photos.rules import EXTENSION

_LONGEST, _LONGEST_BYTES = 100, 240  # of a file's name: characters as the office has it, bytes as Linux has it
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
_KINDS = {"before": ("整改前", "before"), "after": ("整改后", "after"), "report": ("检查", "inspection")}
_LIST = ("照片清单.csv", "photos.csv")
_HEADS = (
    ("文件", "File"), ("区", "District"), ("项目编号", "Site code"), ("小区", "Community"), ("类别", "Kind"),
    ("编号", "Issue or report"), ("检查项", "Item"), ("检查项名称", "Item name"), ("拍摄时间", "Taken"),
    ("收到时间", "Received"), ("拍摄人", "Taken by"), ("纬度", "Latitude"), ("经度", "Longitude"), ("坐标系", "Datum"),
    ("精度（米）", "Accuracy (m)"),
    ("说明", "Caption"), ("字节", "Bytes"), ("格式", "Format"), ("SHA-256", "SHA-256"), ("备注", "Remarks"),
)
_ALREADY = ("同上，见所列文件", "the same photo; see the file named")
_MISSING = ("存储中缺失", "missing from the store")
_REMOVED = ("原件已于 {day} 按保存期限清除", "removed on {day} by the rule of retention")
_COVERED = ("部分内容已遮盖，所附为遮盖后的副本", "parts are covered; this is the covered copy")
_WRONG = ("与入库时的校验值不符", "differs from what was stored")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the pictures come from: originals, and covered copies of what is covered."""

    store: Store
    covers: Covers
    pictures: StoredPhotos  # knows the same covers


def write(  # noqa: PLR0917 - an archive is made of all of these
    path: Path, db: Session, actor: Actor, query: dict[str, Any], language: Language, source: Source,
    said: Callable[[int, int], None], noted: Noted,
) -> None:
    """The archive at `path`; `said(photos, bytes)` is told after each photo, `noted` of each photo that is in it."""
    listed, at = path.with_suffix(".csv"), 0 if language == "zh" else 1
    with Archive(path) as archive:
        rows = _packed(archive, db, actor, query, language, source, said, noted)
        write_csv(listed, [names[at] for names in _HEADS], rows)
        now = clock.now().astimezone(clock.SHANGHAI)
        with listed.open("rb") as made:
            archive.add(_LIST[at], iter(lambda: made.read(CHUNK), b""), now)
    listed.unlink()


def _packed(  # noqa: PLR0917
    archive: Archive, db: Session, actor: Actor, query: dict[str, Any], language: Language, source: Source,
    said: Callable[[int, int], None], noted: Noted,
) -> Iterator[list[Cell]]:
    """Puts the photos in, and gives a line of the list for each of them."""
    names: dict[uuid.UUID, str] = {}
    count, at = 0, 0 if language == "zh" else 1
    for site in photos.sites(db, actor, query):
        packed: dict[uuid.UUID, str] = {}  # of this site: a photo that an issue shows is in once
        for shot in photos.of_site(db, actor, query, site.id, language):
            owner = shot.photo.owner_id
            if owner not in names:
                names |= people.names_of(db, {owner})
            where, remark = packed.get(shot.photo.id), _ALREADY[at]
            if where is None:
                # An archive goes round, so that a covered photo is covered in everybody's.
                copy = _COVERED if shot.photo.sha256 in source.covers else None
                where = _name(site, shot, language, copy=copy is not None)
                remark = _pack(archive, where, shot, source, copy, at)
                if remark in {_MISSING[at], _removed(shot, at)}:
                    where = ""
                elif copy is None:
                    noted(shot.photo.id, shot.photo.sha256)
                packed[shot.photo.id] = where
                count += 1
                said(count, archive.size)
            elif not where:
                remark = _removed(shot, at) or _MISSING[at]
            shot.location = placed(actor, shot.location)
            yield _line(site, shot, where, names.get(owner), remark, at)


def _removed(shot: Shot, at: int) -> str | None:
    """What is said of an original that the rule of retention has removed."""
    removed_at = shot.photo.removed_at
    return None if removed_at is None else _REMOVED[at].format(day=clock.day_of(removed_at))


def _pack(  # noqa: PLR0917
    archive: Archive, where: str, shot: Shot, source: Source, copy: tuple[str, str] | None, at: int
) -> str:
    """What is to be remarked."""
    key, moment = original_key(shot.photo.sha256), shot.day_of.astimezone(clock.SHANGHAI)
    if copy is not None:
        made = source.pictures.find(shot.photo.sha256)
        if made is None:
            return _MISSING[at]
        archive.add(where, [made.read_bytes()], moment)
        return copy[at]
    if removed := _removed(shot, at):
        return removed
    try:
        added = archive.add(where, source.store.read(key), moment)
    except FileNotFoundError:
        return _MISSING[at]
    return "" if added.sha256 == shot.photo.sha256 else _WRONG[at]


def _line(  # noqa: PLR0917
    site: Any, shot: Shot, where: str, taken_by: str | None, remark: str, at: int
) -> list[Cell]:
    place = shot.location or {}
    return [
        where, site[3 + at], site.code, site.name, _KINDS[shot.kind][at], shot.number, shot.item, shot.item_name,
        shot.captured_at, shot.photo.received_at, taken_by, place.get("lat"), place.get("lng"),
        place.get("crs", "wgs84") if place else None, place.get("accuracy_m"), shot.caption, shot.photo.size,
        shot.photo.media_type, shot.photo.sha256, remark or None,
    ]


def _name(site: Any, shot: Shot, language: Language, *, copy: bool) -> str:
    """区/小区/2026-11-23/区_小区_检查表_检查项_编号_整改前_01.jpg: unlike any other, for a number is given once and a
    place in it too. What is long in the middle gives way."""
    at = 0 if language == "zh" else 1
    district, community = (_tidy(one) for one in (site[3 + at], site.name))
    day = clock.day_of(shot.day_of).isoformat()
    version = f"r{shot.revision}-" if shot.revision is not None else ""
    end = f"_{_tidy(shot.number)}_{_KINDS[shot.kind][at]}_{version}{shot.place:02d}"
    end += ".jpg" if copy else f".{EXTENSION.get(shot.photo.media_type, 'bin')}"
    start = "_".join(_tidy(one) for one in (district, community, shot.checklist, shot.item_name) if one)
    # two communities of one name in a district are told apart by their codes
    folder = _cut(f"{community}_{_tidy(site.code)}", _LONGEST, _LONGEST_BYTES)
    name = _cut(start, _LONGEST - len(end), _LONGEST_BYTES - len(end.encode())) + end
    return f"{_cut(district, _LONGEST, _LONGEST_BYTES)}/{folder}/{day}/{name}"


def _tidy(name: str) -> str:
    """What may stand in a name on Windows too, without signs that turn the direction of reading or cannot be seen."""
    plain = "".join(one for one in _NOT_IN_NAMES.sub("_", name) if unicodedata.category(one) not in {"Cf", "Cs", "Cc"})
    return " ".join(plain.split()).strip(". ") or "_"


def _cut(name: str, most: int, most_bytes: int) -> str:
    return name[:most].encode()[:most_bytes].decode("utf-8", "ignore").rstrip(". ") or "_"
