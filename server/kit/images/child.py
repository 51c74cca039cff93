"""The process that decodes: one JSON line in, one out, under limits; a picture that kills it kills nothing else.

It is started by `children.py` without importing the web application (see `COMMAND` there).
"""

import contextlib
import json
import os
import resource
import signal
from pathlib import Path
from typing import Any, TextIO

from PIL import Image

from .decode import Decoded, decode, prepare, truncated_allowed
from .facts import read_facts
from .pixels import as_jpeg, difference_hash, fitted, in_srgb, turned

_DETAIL = 200  # characters of what a decoder says
_TIRED = 160 << 20  # bytes still held after a picture; half of it is kept on purpose (see children.py)


def main() -> None:
    """Serve requests from standard input until it closes, which it does when the parent ends, however it ends."""
    requests, answers = os.fdopen(os.dup(0), "r"), os.fdopen(os.dup(1), "w")
    # A decoder's C library prints where it likes; a stray line among the answers would be taken for one.
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle: it may finish its picture first
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with requests, answers:
        serve(requests, answers, _status("VmSize"))


def serve(requests: TextIO, answers: TextIO, base: int) -> None:
    """Answer each request; an answer says `state`, or `errno` where the disk and not the picture is at fault.

    `base` is the address space of the idle process in bytes; 0 where it cannot be known, and is not limited then.
    """
    for line in requests:
        request = json.loads(line)
        try:
            answer = _answered(request, base)
        except OSError as error:
            answer = {"errno": error.errno, "message": error.strerror or str(error)}
        answer["tired"] = _status("VmSize") - base > _TIRED
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _answered(request: dict[str, Any], base: int) -> dict[str, Any]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + 1 + request["cpu_seconds"]
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
    answer: dict[str, Any] = {"facts": read_facts(request["src"]).as_dict()}
    if request["do"] == "inspect":
        return answer
    prepare(request["decoder"])
    _forget_peak()
    # From the idle process on, not from now: what earlier pictures left behind is no licence for this one.
    allowed = base + request["memory"] if base else resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_AS, (allowed, resource.RLIM_INFINITY))
    try:
        answer |= _judged(request, answer["facts"]["orientation"] or 1)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return answer | {"peak_bytes": peak_bytes()}


def _judged(request: dict[str, Any], orientation: int) -> dict[str, Any]:
    """`made`, `unreadable` or `not_made`; raises OSError with an errno where reading or writing itself failed."""
    made, verdict = _tried(request, orientation, whole=True)
    if verdict["reason"] == "truncated" and request["decoder"] in ("JPEG", "PNG"):
        with truncated_allowed():
            made, _ = _tried(request, orientation, whole=False)
    return made | verdict | {"partial": bool(made) and verdict["state"] != "made"}


def _tried(request: dict[str, Any], orientation: int, *, whole: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """(what was made, the verdict); nothing is made of a part that shows only the decoder's filler."""
    try:
        decoded = decode(request["src"], request["decoder"], request["preview_px"], request["max_pixels"])
        made = _renditions(decoded, request, orientation) if whole or _shows(decoded.image) else {}
    except MemoryError:
        return {}, _verdict("not_made", "needs-too-much-memory")
    except Exception as error:  # decoders raise SyntaxError, struct.error, EOFError and more
        if isinstance(error, OSError) and error.errno is not None:
            raise
        return {}, _blamed(error)
    return made, _verdict("made", "")


def _blamed(error: Exception) -> dict[str, Any]:
    said = str(error)
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return _verdict("not_made", "bomb-refused", said)
    if "memory" in said.lower() or "security limit" in said.lower():  # how libheif and libavif say it
        return _verdict("not_made", "needs-too-much-memory", said)
    return _verdict("unreadable", "truncated" if "truncated" in said.lower() else "broken-data", said)


def _verdict(state: str, reason: str, detail: str = "") -> dict[str, Any]:
    return {"state": state, "reason": reason, "detail": detail[:_DETAIL]}


def _shows(image: Image.Image) -> bool:
    return any(len(set(image.getchannel(band).tobytes())) > 1 for band in range(len(image.getbands())))


def _renditions(decoded: Decoded, request: dict[str, Any], orientation: int) -> dict[str, Any]:
    # libheif turns while decoding: turning again would lay the picture on its other side.
    image = decoded.image if request["decoder"] == "HEIF" else turned(decoded.image, orientation)
    preview = in_srgb(image, decoded.profile)
    thumb = preview.resize(fitted(preview.size, request["thumb_px"]), Image.Resampling.BICUBIC, reducing_gap=2.0)
    for picture, name in ((preview, "preview"), (thumb, "thumb")):
        _write(request[name], as_jpeg(picture, request[f"{name}_quality"]))
    return {"preview": preview.size, "thumb": thumb.size, "dhash": difference_hash(thumb)}


def _write(path: str, content: bytes) -> None:
    with Path(path).open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _forget_peak() -> None:
    with contextlib.suppress(OSError):  # else the peak is of the whole life of the process: too high, never too low
        Path("/proc/self/clear_refs").write_text("5")


def peak_bytes() -> int:
    """The most memory held at once for this picture, the interpreter and libraries included (peak RSS)."""
    return _status("VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _status(name: str) -> int:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(name + ":")), 0)
