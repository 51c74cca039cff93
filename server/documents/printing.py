"""The parent's side of the process that draws papers: a folder with the job in it, limits, and what came of it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from server.errors import Refusal

_MIB = 1 << 20
# Imported as plain `press`, because `server.documents.press` would import the whole web application first.
_COMMAND = (
    sys.executable, "-P", "-c", "import sys; sys.path.append(sys.argv[1]); from press.child import main; main()",
    str(Path(__file__).resolve().parent),
)
# Nothing of our own environment, in which there are secrets. One thread and one arena, so that what is limited is used.
_ENVIRONMENT = {"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "RAYON_NUM_THREADS": "2", "PYTHONDONTWRITEBYTECODE": "1"}
_AT_ONCE, _WAIT_S = 2, 60.0
_places = threading.BoundedSemaphore(_AT_ONCE)


class NotDrawnError(Exception):
    """The paper could not be drawn. `reason`: unfit, template, broken, typeset, memory, time, crashed."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


def ask(
    folder: Path, job: dict[str, Any], *, seconds: int, memory_mib: int, file_mib: int = 200
) -> dict[str, Any]:
    """Have the job done in `folder` and return the answer. Raises NotDrawnError; Refusal `papers-busy`."""
    limits = {"cpu_seconds": seconds, "memory": memory_mib * _MIB, "file_bytes": file_mib * _MIB}
    (folder / "job.json").write_text(json.dumps(job | limits))
    answer = folder / "answer.json"
    answer.unlink(missing_ok=True)
    with _place():
        _run(folder, seconds)
    try:
        found: dict[str, Any] = json.loads(answer.read_text())
    except (OSError, ValueError):
        raise NotDrawnError("crashed") from None
    if "error" in found:
        raise NotDrawnError(found["error"], found.get("detail", ""))
    return found


def _run(folder: Path, seconds: int) -> None:
    process = subprocess.Popen(
        (*_COMMAND, str(folder)), env=_ENVIRONMENT | {"TMPDIR": str(folder), "HOME": str(folder)},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, close_fds=True,
    )
    try:
        _, said = process.communicate(timeout=seconds * 2)
    except subprocess.TimeoutExpired:
        raise NotDrawnError("time") from None
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    if process.returncode in {-24, -9}:  # the limit of processor time, first gently, then not
        raise NotDrawnError("time")
    if process.returncode:
        reason = "memory" if b"MemoryError" in said or b"alloc" in said else "crashed"
        raise NotDrawnError(reason, said[-300:].decode("utf-8", "replace"))


@contextmanager
def _place() -> Iterator[None]:
    """At most so many of this process at once: hundreds of threads would otherwise start hundreds of them."""
    if not _places.acquire(timeout=_WAIT_S):
        raise Refusal("papers-busy")
    try:
        yield
    finally:
        _places.release()
