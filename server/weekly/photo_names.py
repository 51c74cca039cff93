"""What a week's photos are called in its ZIP: 小店区_山大宿舍_外立面_东山墙_140105-20220914-0012_整改前_01.jpg."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from server.kit import text
from server.kit.i18n import Language
from server.weekly.bulletin import Bulletin, cases, table
from server.weekly.cells import pick

FOLDER = ("照片", "photos")
KINDS = {"before": ("整改前", "before"), "after": ("整改后", "after")}
# no path, no wildcard, no space at an end; and nothing that turns the direction of writing, which can hide an ending
_NOT_IN_NAMES = re.compile('[\\\\/:*?"<>|\x00-\x1f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]')
_LONGEST, _BYTES = 100, 240  # characters that people can read; file systems take 255 bytes
_LONGEST_PART = 24
_ENDINGS = ((b"\xff\xd8\xff", "jpg"), (b"\x89PNG", "png"))
_BRANDS = {b"avif": "avif", b"avis": "avif"}  # of ISO media files; HEIC has many more


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo of an issue: where it goes, without its ending, and where it comes from."""

    stem: str
    number: str
    kind: str  # before | after
    sha256: str
    photo_id: str
    captured_at: str | None


def photos(bulletin: Bulletin, language: Language) -> Iterator[Photo]:
    """Those of the printed cases, then the newest pair of every issue of the register; each photo of an issue once."""
    rows = table(bulletin, "T7")["rows"]
    chosen = cases(bulletin)
    numbers = {case["number"] for case in chosen}
    known = {row["number"]: row for row in rows if row["number"] in numbers}
    seen: dict[tuple[str, str], list[str]] = {}
    for case in chosen:
        about = {**case, **known.get(case["number"], {})}
        for pair in case["pairs"]:
            yield from _of_pair(about, pair, language, seen)
    for row in rows:
        yield from _of_pair(row, row, language, seen)


def _of_pair(
    about: dict[str, Any], pair: dict[str, Any], language: Language, seen: dict[tuple[str, str], list[str]]
) -> Iterator[Photo]:
    for kind in KINDS:
        one = pair.get(kind)
        if not one:
            continue
        given = seen.setdefault((about["number"], kind), [])
        if one["sha256"] in given:
            continue
        given.append(one["sha256"])
        yield Photo(
            stem(about, kind, len(given), language), about["number"], kind, one["sha256"], one["photo_id"],
            one.get("captured_at"),
        )


def stem(about: dict[str, Any], kind: str, serial: int, language: Language) -> str:
    """The name without its ending: fit for every file system, and unlike any other, as the end is never cut."""
    category, part = about.get("category"), about.get("part")
    words = [
        about["district"][language], about["site"]["name"], category[language] if category else about.get("item"), part
    ]
    end = "_".join((_fit(about["number"]), pick(KINDS[kind], language), f"{serial:02d}"))
    start = "_".join(fit for fit in (_fit(word)[:_LONGEST_PART].strip(" .") for word in words if word) if fit)
    room, space = _LONGEST - len(end) - 6, _BYTES - len(end.encode()) - 6
    start = start[:room].encode()[:space].decode(errors="ignore").rstrip("_ .")
    return f"{start}_{end}" if start else end


def _fit(word: str) -> str:
    return _NOT_IN_NAMES.sub("_", text.one_line(word)).strip(" .")


def ending(first: bytes) -> str:
    """By the first bytes of the file; `bin` for what no phone makes."""
    for mark, known in _ENDINGS:
        if first.startswith(mark):
            return known
    if first[:4] == b"RIFF" and first[8:12] == b"WEBP":
        return "webp"
    if first[4:8] == b"ftyp":
        return _BRANDS.get(first[8:12], "heic")
    return "bin"
