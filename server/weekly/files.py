"""The files of a weekly report in the store: printed once from the bulletin, and again where the store has lost them.

What is printed is named by the bulletin's digest, so that a change of a word is another file, and a frozen report always
the same one. The ZIP holds the photos too and is written while it is sent; it is not kept.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import structlog
from sqlalchemy.orm import Session

from config import Config
from server.documents import templates
from server.documents.drawing import MEDIA_TYPES
from server.documents.files import shown, stored_photos
from server.documents.models import DocumentTemplate
from server.documents.printing import NotDrawnError
from server.documents.queries import template_in_use
from server.documents.rules import TemplateKind
from server.errors import Refusal
from server.evidence.custody.opened import Noted, noting
from server.kit.covering import Cover, mark_of
from server.kit.i18n import Language
from server.kit.storage import Store, original_key, rendition_key
from server.photos import covers
from server.photos import queries as photo_queries
from server.weekly import archive, bulletin, photo_names, render, rules
from server.weekly.bulletin import Bulletin
from server.weekly.figures import canonical
from server.weekly.models import WeeklyReport
from server.weekly.paper import drawing as paper

log = structlog.get_logger()

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "zip"
_PAPERS = ("docx", "pdf", "xlsx")  # in the ZIP; the others it has by itself
LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Made(NamedTuple):
    """What is printed of a report: whose it is, all that it says, and the digest of that."""

    weekly_id: uuid.UUID
    bulletin: Bulletin
    digest: str
    templates: dict[Language, DocumentTemplate | None]  # the office's own, where it has put one in
    covers: dict[str, Cover]  # black boxes on photos that it shows, which are laid after it is frozen too
    removed: dict[str, date]  # photos whose originals the rule of retention has removed, by their ids


class House(NamedTuple):
    """What printing needs of the house: its settings, and the store of photos and files."""

    conf: Config
    store: Store

    @property
    def staging(self) -> Path:
        """A folder on the same disk as the store."""
        folder = self.conf.uploads_dir / "staging"
        folder.mkdir(parents=True, exist_ok=True)
        return folder


class Format(NamedTuple):
    """A form of the report: its media type, how it is written, and whether it is written in a language."""

    media_type: str
    write: Callable[[House, Made, Language, Path], None]
    spoken: bool
    version: int  # of the print: stored files of older ones are not given out


def made(db: Session, weekly: WeeklyReport) -> Made:
    """What the report says now."""
    told = bulletin.of(db, weekly)
    own = {language: template_in_use(db, TemplateKind.WEEKLY_REPORT, language) for language in LANGUAGES}
    named = set(shown(told))
    covered = {sha256: cover for sha256, cover in covers.standing(db).items() if sha256 in named}
    return Made(weekly.id, told, bulletin.digest_of(told), own, covered, photo_queries.removed_days(db, named))


def _xlsx(house: House, made: Made, language: Language, path: Path) -> None:
    public = house.conf.public_url.rstrip("/")

    def thumb(sha256: str) -> bytes | None:
        if sha256 in made.covers:
            return _covered(house, made, sha256, "thumb")
        try:
            return b"".join(house.store.read(rendition_key(sha256, "thumb")))
        except FileNotFoundError:
            return None

    def link(photo_id: str) -> str | None:
        return f"{public}/desk#/photos/{photo_id}" if public else None  # signed addresses would not last

    render.xlsx(made.bulletin, language, path, thumb, link, folder=path.parent)


def _covered(house: House, made: Made, sha256: str, kind: str) -> bytes | None:
    """The covered copy, drawn here where the job that draws it has not come to it yet."""
    with stored_photos(house.store, house.staging, made.covers) as photos:
        found = photos.find(sha256, kind)
        return found.read_bytes() if found is not None else None


def _csv(_house: House, made: Made, language: Language, path: Path) -> None:
    render.csv(made.bulletin, language, path)


def _json(_house: House, made: Made, _language: Language, path: Path) -> None:
    path.write_bytes(canonical(made.bulletin["figures"]))


def _docx(house: House, made: Made, language: Language, path: Path) -> None:
    row = made.templates[language]
    template = templates.content(house.store, TemplateKind.WEEKLY_REPORT, language, row) if row else None
    with stored_photos(house.store, house.staging, made.covers) as photos:
        try:
            drawn, _ = paper.docx(made.bulletin, language, photos.find, template=template, folder=path.parent)
        except NotDrawnError as error:
            if template is None:
                raise
            log.error("weekly-not-drawn", weekly=str(made.weekly_id), why=str(error)[:300])
            raise Refusal("template-broken") from None
    path.write_bytes(drawn)


def _pdf(house: House, made: Made, language: Language, path: Path) -> None:
    with stored_photos(house.store, house.staging, made.covers) as photos:
        path.write_bytes(paper.pdf(made.bulletin, language, photos.find, folder=path.parent))


FORMATS: dict[str, Format] = {
    "docx": Format(MEDIA_TYPES["docx"], _docx, True, paper.VERSION),
    "pdf": Format(MEDIA_TYPES["pdf"], _pdf, True, paper.VERSION),
    "xlsx": Format(XLSX, _xlsx, True, render.VERSION),
    "csv": Format("text/csv; charset=utf-8", _csv, True, render.VERSION),
    "json": Format("application/json", _json, False, 1),
}


def printed() -> list[tuple[str, Language]]:
    """Every form in every language that is kept."""
    return [(form, language) for form, about in FORMATS.items() for language in (LANGUAGES if about.spoken else ("zh",))]


def missing(house: House, made: Made) -> list[tuple[str, Language]]:
    """Of `printed`, what is not in the store."""
    return [one for one in printed() if house.store.size(key(made, *one)) is None]


def key(made: Made, form: str, language: Language) -> str:
    """Where the file lies. The digest names what is in it, the version how it is printed."""
    spoken = f".{language}" if FORMATS[form].spoken else ""
    own = made.templates[language] if form == "docx" else None
    version = f"v{FORMATS[form].version}" + (f"-t{own.version}" if own else "")
    if form in _PAPERS:  # those that show photos
        version += mark_of(made.covers, made.covers)
    return f"weekly/{made.weekly_id}/{made.digest}-{version}{spoken}.{form}"


def put(house: House, made: Made, form: str, language: Language) -> str:
    """Where the file lies, printed and made durable where it was not there."""
    where = key(made, form, language)
    if house.store.size(where) is not None:
        return where
    with tempfile.TemporaryDirectory(prefix="weekly-", dir=house.staging) as home:
        path = Path(home) / f"report.{form}"
        FORMATS[form].write(house, made, language, path)
        house.store.adopt(path, where)
    return where


def zipped(house: House, made: Made, language: Language, noted: Noted) -> Iterator[bytes]:
    """Everything in one ZIP, piece by piece: the printed forms, every table as CSV, and the originals of the photos. Each
    photo is noted as it goes out."""
    of_bytes: dict[str, list[uuid.UUID]] = {}
    for one in photo_names.photos(made.bulletin, language):
        of_bytes.setdefault(one.sha256, []).append(uuid.UUID(one.photo_id))

    def original(sha256: str) -> Iterator[bytes]:
        def tell() -> None:
            for photo_id in dict.fromkeys(of_bytes.get(sha256, [])):
                noted(photo_id, sha256)

        return noting(house.store.read(original_key(sha256)), tell)

    def paper(form: str) -> Callable[[], Iterator[bytes]]:
        return lambda: house.store.read(put(house, made, form, language))

    papers: dict[str, Callable[[], Iterator[bytes]]] = {form: paper(form) for form in _PAPERS}

    def photo(sha256: str) -> Iterator[bytes]:
        if sha256 not in made.covers:
            return original(sha256)
        covered = _covered(house, made, sha256, "preview")  # a ZIP goes round: what is covered stays so
        if covered is None:
            raise FileNotFoundError(sha256)
        return iter([covered])

    return archive.stream(made.bulletin, language, papers, photo, covered=made.covers, removed=made.removed)


def names(made: Made, district: dict[str, str], form: str, language: Language) -> tuple[str, str]:
    """What the file is called: for people, and for programs that know ASCII alone."""
    told = made.bulletin["figures"]["week"]
    week = rules.Week(
        told["iso_year"], told["iso_week"], date.fromisoformat(told["starts_on"]),
        datetime.fromisoformat(told["start_at"]), datetime.fromisoformat(told["end_at"]),
    )
    plain = f"{rules.ascii_stem(week, district.get('code'))}.{form}"
    return (f"{rules.stem(week, district.get('name'))}.{form}" if language == "zh" else plain), plain
