"""The week in one ZIP: workbook, papers, figures, every table as a CSV, and the photos with a list of them.

It is written as a stream: no photo is ever held in memory, and nothing is written twice. Equal input gives equal bytes.
"""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable, Container, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

from server.kit.i18n import Language
from server.kit.sheets import csv_bytes
from server.kit.zip_stream import Packer, Pipe
from server.weekly import photo_names, render, rules
from server.weekly.bulletin import Bulletin
from server.weekly.cells import pick
from server.weekly.figures import canonical
from server.weekly.photo_names import Photo

Pieces = Iterable[bytes]
Papers = Mapping[str, Callable[[], Pieces]]  # by ending, in PAPERS; asked for when its turn has come
Original = Callable[[str], Pieces]  # by SHA-256; raises FileNotFoundError, at the call or at the first piece

PAPERS = ("xlsx", "docx", "pdf")
_README = ("说明.txt", "README.txt")
_WORDS = ("文字", "words")  # the ending of the office's own words
_PHOTO_LIST = ("照片清单", "Photos")
_PHOTO_HEADS = (("文件", "File"), ("问题编号", "Issue"), ("整改前/后", "Before or after"), ("拍摄时间", "Taken at"),
                ("SHA-256", "SHA-256"), ("字节", "Bytes"), ("备注", "Remark"))
_COVERED = ("部分内容已遮盖，所附为遮盖后的副本", "parts are covered; this is the covered copy")
_REMOVED = ("原件已于 {day} 按保存期限清除", "the original was removed on {day} by the rule of retention")
_LOST = ("原件未取得", "the original was not to be had")
_TOLD = (
    "本压缩包内容：{papers}；{stem}.json 为全部数据，{stem}_文字.json 为办公室所写文字；各表另存为 CSV（UTF-8，带 BOM）。\r\n"
    "照片为手机上传的原件，未作改动（备注“部分内容已遮盖”的除外）；"
    "照片清单.csv 列出每张照片的文件名和原件的 SHA-256，可据此核对。\r\n"
    "CSV 中凡可能被当作公式的文字，前面加了一个半角撇号 '；JSON 和 XLSX 中为原文。\r\n",
    "In this archive: {papers}; {stem}.json has every figure, {stem}_words.json the office's own words; each table is a "
    "CSV as well (UTF-8 with a byte order mark).\r\n"
    "Photos are the originals as phones sent them, but for those whose remark says that parts are covered. Photos.csv has "
    "the file name of each and the SHA-256 of its original, to check them by.\r\n"
    "In the CSVs a text that could be taken for a formula has an apostrophe ' in front; the JSON and the XLSX have it "
    "as it was written.\r\n",
)


def write(
    bulletin: Bulletin, language: Language, path: Path, papers: Papers, original: Original | None = None
) -> None:
    """The ZIP at `path`. What `papers` and `original` raise is raised; the file is then torn."""
    with path.open("wb") as out, _Week(out) as packer, closing(
        packer.pack(bulletin, language, papers, original)
    ) as steps:
        for _ in steps:
            pass


def stream(
    bulletin: Bulletin, language: Language, papers: Papers, original: Original | None = None, *,
    covered: Container[str] = (), removed: Mapping[str, date] | None = None,
) -> Iterator[bytes]:
    """The same, piece by piece, for a client that reads while it is made. Its length is not known beforehand. Of photos
    that are `covered`, `original` gives the covered copy; of those that the rule of retention `removed`, by their ids,
    the list says when."""
    out = Pipe()
    with _Week(out, covered, removed) as packer, closing(packer.pack(bulletin, language, papers, original)) as steps:
        for _ in steps:
            yield from out.taken()
    yield from out.taken()


class _Week(Packer):
    """The entries of a week, one after the other."""

    def __init__(
        self, out: io.RawIOBase | io.BufferedIOBase, covered: Container[str] = (), removed: Mapping[str, date] | None = None
    ) -> None:
        super().__init__(out)
        self._covered, self._removed = covered, removed or {}

    def pack(
        self, bulletin: Bulletin, language: Language, papers: Papers, original: Original | None
    ) -> Generator[None]:
        """Every entry, in this order."""
        stem = _stem(bulletin, language)
        made = [form for form in PAPERS if form in papers]
        told = pick(_TOLD, language).format(stem=stem, papers="、".join(made) if language == "zh" else ", ".join(made))
        yield from self.put(pick(_README, language), [told.encode("utf-8-sig")])
        for form in made:
            yield from self.put(f"{stem}.{form}", papers[form](), packed=form != "pdf")
        yield from self.put(f"{stem}.json", [canonical(bulletin["figures"])])
        words = {key: value for key, value in bulletin.items() if key != "figures"}
        written = json.dumps(words, ensure_ascii=False, indent=2, sort_keys=True).encode("utf-8", "replace")
        yield from self.put(f"{stem}_{pick(_WORDS, language)}.json", [written])
        for name in render.TABLES:
            yield from self.put(f"{render.title(name, language)}.csv", [render.csv_of(bulletin, name, language)])
        if original is not None:
            yield from self._photos(bulletin, language, original)

    def _photos(self, bulletin: Bulletin, language: Language, original: Original) -> Iterator[None]:
        listed: list[list[str | int | None]] = []
        for photo in photo_names.photos(bulletin, language):
            gone = self._removed.get(photo.photo_id) if photo.sha256 not in self._covered else None
            opened = None if gone else _opened(original, photo.sha256)
            name, size = None, None
            if opened is not None:
                first, rest = opened
                name = f"{pick(photo_names.FOLDER, language)}/{photo.stem}.{photo_names.ending(first)}"
                yield from self.put(name, itertools.chain([first], rest), packed=False)
                size = self.last_size
            remark = None if name is None or photo.sha256 not in self._covered else pick(_COVERED, language)
            if name is None:
                remark = pick(_REMOVED, language).format(day=gone) if gone else pick(_LOST, language)
            listed.append(_line(photo, name, size, remark, language))
        heads = [pick(head, language) for head in _PHOTO_HEADS]
        yield from self.put(f"{pick(_PHOTO_LIST, language)}.csv", [csv_bytes(heads, listed)])


def _opened(original: Original, sha256: str) -> tuple[bytes, Iterator[bytes]] | None:
    """The first piece, which says what it is, and the rest; None where the store has it no more."""
    try:
        pieces = iter(original(sha256))
        return next(pieces, b""), pieces
    except FileNotFoundError:
        return None


def _line(
    photo: Photo, name: str | None, size: int | None, remark: str | None, language: Language
) -> list[str | int | None]:
    kind = pick(photo_names.KINDS[photo.kind], language)
    return [name, photo.number, kind, photo.captured_at, photo.sha256, size, remark]


def _stem(bulletin: Bulletin, language: Language) -> str:
    """The names that the files bear when they are fetched one by one."""
    told, district = bulletin["figures"]["week"], bulletin["figures"]["scope"]["district"]
    week = rules.Week(
        told["iso_year"], told["iso_week"], date.fromisoformat(told["starts_on"]),
        datetime.fromisoformat(told["start_at"]), datetime.fromisoformat(told["end_at"]),
    )
    if language == "zh":
        return rules.stem(week, district["zh"] if district else None)
    return rules.ascii_stem(week, district["code"] if district else None)
