"""Files of numbered papers: drawn when first asked for, kept in the store, drawn again where they are lost or outdated."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from server.documents import templates
from server.documents.drawing import VERSION, Format, draw
from server.documents.models import Document, DocumentTemplate
from server.documents.paper import from_dict
from server.documents.printing import NotDrawnError
from server.documents.rules import TemplateKind
from server.errors import Refusal
from server.kit import covering
from server.kit.covering import Cover, Covers, kind_of, mark_of
from server.kit.i18n import Language
from server.kit.images import make_renditions
from server.kit.storage import Store, original_key, rendition_key

log = structlog.get_logger()
_LONGEST = 100  # characters of a file name
_NOT_IN_NAMES = str.maketrans(dict.fromkeys('\\/:*?"<>|\n\t', "_"))


@dataclass(slots=True)
class Drawn:
    """Where a paper's file lies in the store; `data` instead where a photo was not to be had, so that it was not kept."""

    key: str
    data: bytes | None = None


def key(
    document: Document, form: Format, language: Language, template: DocumentTemplate | None, covers: Covers
) -> str:
    """Where the file lies. What is in a document never changes; the rest of the name says how it was drawn, and what
    of its photos is covered."""
    shape = f"-t{template.version}" if template and form == "docx" else ""
    return f"documents/{document.id}/v{VERSION}{shape}{mark_of(covers, shown(document.content))}.{language}.{form}"


def shown(content: object) -> Iterator[str]:
    """The SHA-256 of every photo that a paper names."""
    if isinstance(content, dict):
        if isinstance(content.get("sha256"), str):
            yield content["sha256"]
        content = list(content.values())
    if isinstance(content, list | tuple):
        for one in content:
            yield from shown(one)


def drawn(  # noqa: PLR0917 - a file is known by all of these
    store: Store, folder: Path, document: Document, form: Format, language: Language, template: DocumentTemplate | None,
    covers: Covers,
) -> Drawn:
    """The file, drawn if need be; `folder` is on the same disk as the store. 409 `template-broken` where the office's
    template is at fault, 503 `papers-busy`."""
    where = key(document, form, language, template, covers)
    if store.size(where) is not None:
        return Drawn(where)
    folder.mkdir(parents=True, exist_ok=True)
    own, word = TemplateKind(document.kind.value), None
    if template and form == "docx":
        word = templates.content(store, own, language, template)
    with stored_photos(store, folder, covers) as photos, tempfile.TemporaryDirectory(prefix="paper-", dir=folder) as home:
        try:
            data = draw(from_dict(document.content), form, photos.find, language, template=word, folder=folder)
        except NotDrawnError as error:
            log.error("paper-not-drawn", document=str(document.id), form=form, why=str(error)[:300])
            if word is None:
                raise
            raise Refusal("template-broken") from None
        if photos.missed:
            return Drawn(where, data)
        path = Path(home) / f"paper.{form}"
        path.write_bytes(data)
        store.adopt(path, where)
    return Drawn(where)


@contextmanager
def stored_photos(store: Store, folder: Path, covers: Covers) -> Iterator[StoredPhotos]:
    """Previews of photos by the SHA-256 of their originals, covered where they are, for the length of the block."""
    with tempfile.TemporaryDirectory(prefix="photos-", dir=folder) as home:
        yield StoredPhotos(store, Path(home), covers)


class StoredPhotos:
    """Finds the preview of a photo; makes one of the original where there is none yet. Of a covered photo it gives the
    covered copy alone."""

    def __init__(self, store: Store, home: Path, covers: Covers) -> None:
        self._store, self._home, self._covers = store, home, covers
        self.missed = 0  # photos of which there was neither

    def find(self, sha256: str, kind: str = "preview") -> Path | None:
        """The picture as a file, or None."""
        if not sha256:
            return None
        cover = self._covers.get(sha256)
        known = self._file(rendition_key(sha256, kind_of(cover, kind)))
        if known is None:
            known = self._made(sha256) if cover is None else self._covered(sha256, kind, cover)
        self.missed += known is None
        return known

    def _covered(self, sha256: str, kind: str, cover: Cover) -> Path | None:
        """The job that draws it has not come to it yet."""
        plain = self._file(rendition_key(sha256, "preview")) or self._made(sha256)
        if plain is None:
            return None
        made = {name: self._home / f"{sha256}.{cover.rendition(name)}.jpg" for name in ("preview", "thumb")}
        covering.draw(plain, cover, made["preview"], made["thumb"])
        return made[kind]

    def _file(self, key: str) -> Path | None:
        if self._store.size(key) is None:
            return None
        local = self._store.local(key)
        if local is not None:
            return local
        kept = self._home / key.rpartition("/")[2]
        with kept.open("wb") as out:
            out.writelines(self._store.read(key))
        return kept

    def _made(self, sha256: str) -> Path | None:
        original = self._file(original_key(sha256))
        if original is None:
            return None
        preview = self._home / f"{sha256}.made.jpg"
        made = make_renditions(original, preview=preview, thumb=self._home / f"{sha256}.thumb.jpg")
        return preview if made.preview is not None else None


def name(document: Document, form: Format, language: Language) -> str:
    """What the file is called where people see it: 整改通知单_〔2026〕12号_老军营小区.pdf."""
    site = str(document.content.get("site", {}).get("name") or "")
    parts = (document.kind.zh, document.number, site) if language == "zh" else (
        document.kind.en, f"{document.year}-{document.serial}", site
    )
    stem = "_".join(part for part in parts if part).translate(_NOT_IN_NAMES)
    return f"{stem[: _LONGEST - len(form) - 1]}.{form}"


def plain_name(document: Document, form: Format) -> str:
    """The same for programs that know ASCII alone."""
    return f"{document.kind.value}-{document.year}-{document.serial}.{form}"
