"""The office's own Word templates: tried before they are taken, kept version by version, and given up again."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.orm import Session

from server.accounts import queries as people
from server.audit import service as audit
from server.documents import queries
from server.documents.drawing import TEMPLATES, default_template, drawn
from server.documents.models import DocumentTemplate
from server.documents.printing import NotDrawnError
from server.documents.rules import TemplateKind
from server.documents.sample import sample
from server.errors import Refusal
from server.kit import clock
from server.kit.actor import Actor
from server.kit.db import hold
from server.kit.i18n import Language
from server.kit.ids import new_id
from server.kit.storage import Store

MAX_BYTES = 5 * 1024 * 1024
_WHY: dict[str, tuple[str, str]] = {
    "not-docx": ("不是完好的 Word 文档（.docx）", "not a sound Word document (.docx)"),
    "too-large": ("解压后过大", "unpacks to too much"),
    "macros": ("含有宏或控件", "holds macros or controls"),
    "guests": ("嵌有其他文件或对象", "holds other files or objects"),
    "links": ("引用了外部链接或文件", "refers to links or files outside"),
    "fields": ("含有会读取外部内容的域", "holds fields that fetch something from outside"),
    "tags": ("域代码中写有模板语句", "has tags of the template within a field's code"),
    "doctype": ("含有 DTD 声明", "holds a DTD"),
    "template": ("模板语句有误", "a tag of the template is wrong"),
    "broken": ("无法填写此文档", "this document cannot be filled in"),
    "memory": ("填写时所需内存过多", "takes too much memory to be filled in"),
    "time": ("填写时所需时间过长", "takes too long to be filled in"),
    "crashed": ("填写此文档时出错", "filling this document in failed"),
}


class Drawer(NamedTuple):
    """Templates of what is drawn by another feature: the default one, and its sample drawn with a template (None: the
    default) in a folder, with the names in it that there are not. Raises NotDrawnError."""

    default: Callable[[Language], bytes]
    tried: Callable[[Language, bytes | None, Path], tuple[bytes, list[str]]]


DRAWERS: dict[TemplateKind, Drawer] = {}


def key(sha256: str) -> str:
    """Where the bytes of a template lie in the store."""
    return f"templates/{sha256}.docx"


def tried(kind: TemplateKind, language: Language, data: bytes | None, folder: Path) -> bytes:
    """The sample of that kind drawn with the template (None: the default); 422 `template-unfit` says all that is wrong."""
    try:
        made, unknown = _drawn(kind, language, data, folder)
    except NotDrawnError as error:
        codes = error.detail.split(",") if error.reason == "unfit" else [error.reason]
        more = f"：{error.detail}" if error.reason in {"template", "broken"} else ""
        raise _unfit([f"{zh}{more} / {en}" for zh, en in (_WHY.get(code, _WHY["crashed"]) for code in codes)]) from None
    if unknown:
        raise _unfit([f"没有名为 {name} 的内容 / there is nothing called {name}" for name in unknown], unknown)
    return made


def _drawn(kind: TemplateKind, language: Language, data: bytes | None, folder: Path) -> tuple[bytes, list[str]]:
    if kind.paper is None:
        return DRAWERS[kind].tried(language, data, folder)
    shown = (TEMPLATES / "sample.jpg").read_bytes()
    return drawn(
        sample(kind.paper), lambda _sha256: shown, language, template=data, folder=folder, inspected=data is not None
    )


def default(kind: TemplateKind, language: Language) -> bytes:
    """What is used until the office puts in its own."""
    return DRAWERS[kind].default(language) if kind.paper is None else default_template(kind.paper, language)


def _unfit(why: list[str], unknown: list[str] | None = None) -> Refusal:
    return Refusal("template-unfit", errors={"template": why}, extra={"unknown": unknown} if unknown else None)


def stored(store: Store, folder: Path, data: bytes) -> str:
    """Make the template's bytes durable, before any row names them; returns their SHA-256."""
    sha256 = hashlib.sha256(data).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="template-", dir=folder) as home:
        path = Path(home) / "template.docx"
        path.write_bytes(data)
        store.adopt(path, key(sha256))
    return sha256


def replace(  # noqa: PLR0917 - a template is of a kind and a language
    db: Session, actor: Actor, kind: TemplateKind, language: Language, sha256: str, size: int, *, seen: int | None = None
) -> DocumentTemplate:
    """Take a template that was tried and stored as the next version; the one in use already is left as it is.

    409 `template-changed` where `seen` is not the newest version, with what is. The same file again is no stale write
    but a repeat, of a request whose answer was lost.
    """
    newest = _newest(db, kind, language)
    if newest is not None and newest.sha256 == sha256:
        return newest
    _demand_seen(db, newest, seen)
    return _next(db, actor, newest, kind, language, sha256, size)


def give_up(
    db: Session, actor: Actor, kind: TemplateKind, language: Language, *, seen: int | None = None
) -> DocumentTemplate | None:
    """Use the default again; nothing happens where it is used anyway. 409 `template-changed` as in `replace`."""
    newest = _newest(db, kind, language)
    if newest is None or newest.sha256 is None:
        return newest
    _demand_seen(db, newest, seen)
    return _next(db, actor, newest, kind, language, None, 0)


def _newest(db: Session, kind: TemplateKind, language: Language) -> DocumentTemplate | None:
    """The newest version, of which nobody else decides until this transaction ends."""
    hold(db, f"template:{kind}:{language}")
    return queries.newest_template(db, kind, language)


def _demand_seen(db: Session, newest: DocumentTemplate | None, seen: int | None) -> None:
    """Refuse what was decided before somebody else's change, and say whose and when."""
    version = newest.version if newest else 0
    if seen is None or seen == version:
        return
    by = newest.changed_by if newest else None
    raise Refusal("template-changed", extra={
        "version": version, "sha256": newest.sha256 if newest else None,
        "changed_by": {"id": str(by), "name": people.names_of(db, {by}).get(by)} if by else None,
        "changed_at": newest.changed_at.isoformat() if newest else None,
    })


def _next(  # noqa: PLR0917 - see replace
    db: Session, actor: Actor, newest: DocumentTemplate | None, kind: TemplateKind, language: Language, sha256: str | None,
    size: int,
) -> DocumentTemplate:
    made = DocumentTemplate(
        id=new_id(), kind=kind, language=language, version=newest.version + 1 if newest else 1, sha256=sha256, size=size,
        changed_by=actor.id, changed_at=clock.now(),
    )
    db.add(made)
    db.flush()
    verb = "template_replaced" if sha256 else "template_given_up"
    audit.record(
        db, actor, verb, "document_template", made.id, paper=kind.value, language=language, version=made.version, sha256=sha256
    )
    return made


def content(store: Store, kind: TemplateKind, language: Language, row: DocumentTemplate | None) -> bytes:
    """The bytes of a version; of the default where there is none."""
    if row is None or row.sha256 is None:
        return default(kind, language)
    try:
        return b"".join(store.read(key(row.sha256)))
    except FileNotFoundError:
        raise Refusal("storage-away") from None  # the row says that it is there: this is the store's trouble
