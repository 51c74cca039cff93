"""Preview and thumb of a photo, made in a child process and put in place whole or not at all."""

import fcntl
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from .children import ChildLostError, Children
from .facts import PhotoFacts, read_facts
from .header import Header, read_header
from .limits import Limits, memory_needed
from .sniff import Refused, sniff
from .window import Window

State = Literal["made", "unreadable", "not_made"]
_INSPECTION = {"do": "inspect", "cpu_seconds": 5}
_CHILDREN = Children()
_DEFAULTS = Limits()
# libwebp and libjpeg call the file broken when they get no memory, and libde265 dies of it; so a photo is called broken
# only after it was tried with far more memory than its kind was ever measured to take.
_MAY_LACK_MEMORY = frozenset({"broken-data", "decoder-crashed", "needs-too-much-memory"})


@dataclass(frozen=True, slots=True)
class Rendition:
    """One picture made: where it stands, its size in pixels and in bytes."""

    path: Path
    width: int
    height: int
    size: int


@dataclass(frozen=True, slots=True)
class RenditionResult:
    """What became of one photo.

    `made`: both renditions stand. `unreadable`: the photo is damaged (`no-frame-header`, `no-dimensions`, `truncated`,
    `broken-data`); with `partial` the renditions show what is left of it. `not_made`: the photo may be sound, but was
    refused (a code of `Refused`), or would cost or did cost too much (`needs-too-much-memory`, `cpu-limit`,
    `wall-limit`, `decoder-crashed`), or `busy`: other large pictures came first, try again.
    """

    state: State
    reason: str
    facts: PhotoFacts
    preview: Rendition | None = None
    thumb: Rendition | None = None
    partial: bool = False
    detail: str = ""
    dhash: str | None = None  # 64-bit difference hash of the upright picture, 16 hex digits
    peak_bytes: int = 0  # peak memory (RSS) of the child while at it, its own 40 MB included


def inspect(path: str | Path, *, children: Children | None = None) -> PhotoFacts:
    """Facts read in the child, for whoever must not take any risk; `inspection-failed` where it did not answer.

    `read_facts` gives the same in this process. Raises OSError where the file cannot be read.
    """
    try:
        with (children or _CHILDREN).one() as child:
            answer = child.ask(_INSPECTION | {"src": os.fspath(path)}, 10)
    except ChildLostError:
        return PhotoFacts(problems=("inspection-failed",))
    _raise_disk_error(answer, path)
    return PhotoFacts.from_dict(answer["facts"])


def make_renditions(
    src: str | Path,
    out_dir: str | Path | None = None,
    *,
    preview: str | Path | None = None,
    thumb: str | Path | None = None,
    limits: Limits = _DEFAULTS,
    children: Children | None = None,
) -> RenditionResult:
    """Make `preview` and `thumb` (by default `preview.jpg` and `thumb.jpg` in `out_dir`) of the photo at `src`.

    Upright progressive JPEGs in sRGB without any metadata, never larger than the photo. Existing files are replaced,
    in one step each; nothing is left behind but whole files. May be called from many threads. Raises OSError where
    the disk is at fault, and never because of what is in the photo.
    """
    if out_dir is None and (preview is None or thumb is None):
        raise ValueError("give out_dir, or preview and thumb")
    folder = Path(out_dir or ".")
    targets = {"preview": Path(preview or folder / "preview.jpg"), "thumb": Path(thumb or folder / "thumb.jpg")}
    header = _judged(src, limits)
    if isinstance(header, RenditionResult):
        return header
    needed = memory_needed(header, limits.preview_px)
    if needed > limits.heavy_memory:
        said = f"about {needed >> 20} MiB, at most {limits.heavy_memory >> 20}"
        return RenditionResult("not_made", "needs-too-much-memory", read_facts(src), detail=said)
    pool = children or _CHILDREN
    if needed <= limits.memory:
        result = _attempt(src, header, targets, limits, pool)
        if result.reason not in _MAY_LACK_MEMORY:
            return result
    try:
        with _alone(limits):
            return _attempt(src, header, targets, replace(limits, memory=limits.heavy_memory), pool)
    except _BusyError:
        return RenditionResult("not_made", "busy", read_facts(src))


def _attempt(
    src: str | Path, header: Header, targets: dict[str, Path], limits: Limits, children: Children
) -> RenditionResult:
    """One go within `limits.memory`."""
    drafts = {name: path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp") for name, path in targets.items()}
    request = _request(src, header, limits) | {name: str(path) for name, path in drafts.items()}
    try:
        with children.one() as child:
            answer = child.ask(request, limits.wall_seconds)
        _raise_disk_error(answer, src)
        return _result(answer, drafts, targets)
    except ChildLostError as lost:
        return RenditionResult("not_made", lost.reason, read_facts(src))
    finally:
        for path in drafts.values():
            path.unlink(missing_ok=True)


def _judged(src: str | Path, limits: Limits) -> Header | RenditionResult:
    """The header of a photo worth a decoder's time, or the result without one."""
    try:
        sniff(src, max_pixels=limits.max_pixels, max_bytes=limits.max_bytes)
    except Refused as refused:
        return RenditionResult("not_made", refused.code, read_facts(src), detail=refused.detail)
    with Window(src) as window:
        header = read_header(window)
    if header is None or header.reason:
        return RenditionResult("unreadable", header.reason if header else "no-frame-header", read_facts(src))
    return header


def _request(src: str | Path, header: Header, limits: Limits) -> dict[str, Any]:
    return {
        "do": "render",
        "src": os.fspath(src),
        "decoder": header.decoder,
        "preview_px": limits.preview_px,
        "thumb_px": limits.thumb_px,
        "preview_quality": limits.preview_quality,
        "thumb_quality": limits.thumb_quality,
        "max_pixels": limits.max_pixels,
        "memory": limits.memory,
        "cpu_seconds": limits.cpu_seconds,
    }


def _result(answer: dict[str, Any], drafts: dict[str, Path], targets: dict[str, Path]) -> RenditionResult:
    made: dict[str, Rendition] = {}
    if answer.get("preview"):
        for name, target in targets.items():
            size = drafts[name].stat().st_size
            drafts[name].replace(target)
            width, height = answer[name]
            made[name] = Rendition(target, width, height, size)
        for folder in {target.parent for target in targets.values()}:
            _sync(folder)
    return RenditionResult(
        answer["state"],
        answer["reason"],
        PhotoFacts.from_dict(answer["facts"]),
        made.get("preview"),
        made.get("thumb"),
        answer["partial"],
        answer["detail"],
        answer.get("dhash"),
        answer["peak_bytes"],
    )


def _raise_disk_error(answer: dict[str, Any], path: str | Path) -> None:
    if "errno" in answer:
        raise OSError(answer["errno"], answer["message"], os.fspath(path))


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _BusyError(Exception):
    """Another process kept the lock on large pictures for too long."""


@contextmanager
def _alone(limits: Limits) -> Iterator[None]:
    """Hold the lock on large pictures, among all processes of this machine that share `lock_path`."""
    handle = os.open(limits.lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        deadline = time.monotonic() + limits.lock_seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise _BusyError from None
                time.sleep(0.05)
        yield
    finally:
        os.close(handle)
