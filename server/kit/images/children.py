"""The parent's side of the decoding processes: started when needed, reused, killed when one breaks a limit."""

import atexit
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parent
# The package is imported as plain `images`, because `server.kit.images` would import the whole web application first:
# half a second and 60 MB for each child. Appended, as kit/http.py must not stand before Python's own `http`.
COMMAND = (
    sys.executable,
    "-P",
    "-c",
    "import sys; sys.path.append(sys.argv[1]); from images.child import main; main()",
    str(_FOLDER.parent),
)
# One arena: each further one reserves 64 MB of the address space that is limited. And keep up to 64 MB between two
# pictures: handing 16 MB blocks back each time and having them zeroed again took an eighth of the time.
_MALLOC = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TOP_PAD_": str(16 << 20),
}
_ANSWER_BYTES = 1 << 20
_PICTURES = 2000  # after so many a child is replaced


class ChildLostError(Exception):
    """The child did not answer. `reason`: wall-limit, cpu-limit, decoder-crashed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Child:
    """One decoding process; used by one caller at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | _MALLOC, close_fds=True
        )
        self.served = 0

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def usable(self) -> bool:
        """False once it has ended or has served long enough."""
        return self._process.poll() is None and self.served < _PICTURES

    def ask(self, request: dict[str, Any], wall_seconds: float) -> dict[str, Any]:
        """Its answer within `wall_seconds`; raises ChildLostError, after which the child is gone."""
        self.served += 1
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            answer = json.loads(self._line(time.monotonic() + wall_seconds))
        except (OSError, ValueError) as error:
            raise ChildLostError(self._ended()) from error
        if not isinstance(answer, dict):
            raise ChildLostError(self._ended())
        if answer.get("tired"):  # decoders leak and fragment, some pictures more than others
            self.served = _PICTURES
        return answer

    def _line(self, deadline: float) -> bytes:
        assert self._process.stdout is not None
        handle, line = self._process.stdout.fileno(), b""
        ready = select.poll()
        ready.register(handle, select.POLLIN | select.POLLHUP)
        while not line.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not ready.poll(left * 1000):
                self.end()
                raise ChildLostError("wall-limit")
            piece = os.read(handle, 65_536)
            if not piece or len(line) > _ANSWER_BYTES:
                raise OSError("the child closed its answers")
            line += piece
        return line

    def _ended(self) -> str:
        """Make sure it is gone and say of what."""
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            code = 0
        self.end()
        return "cpu-limit" if code == -signal.SIGXCPU else "decoder-crashed"

    def end(self) -> None:
        """Kill it; it holds nothing that is not made again."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # an unsent request in the buffer has nowhere to go
                    pipe.close()


class Children:
    """At most `most` children of this process, lent one caller each; further callers wait. Safe between threads."""

    def __init__(self, most: int | None = None) -> None:
        self._most = most or min(4, os.cpu_count() or 1)
        self._reset()
        atexit.register(self.close)
        os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        # After a fork the pipes belong to the parent: answers to two processes would mix, so they are left alone.
        self._idle: list[Child] = []
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(self._most)

    @contextmanager
    def one(self) -> Iterator[Child]:
        """A child for the length of the block; kept for the next caller where it is still usable after it."""
        with self._places:
            child = self._taken()
            try:
                yield child
            except BaseException:  # an interrupted caller leaves an answer behind that is not the next one's
                child.end()
                raise
            with self._lock:
                if child.usable:
                    self._idle.append(child)
                    return
            child.end()

    def _taken(self) -> Child:
        while True:
            with self._lock:
                child = self._idle.pop() if self._idle else None
            if child is None:
                return Child()
            if child.usable:
                return child
            child.end()

    def close(self) -> None:
        """End the idle children; the next picture starts a new one."""
        with self._lock:
            idle, self._idle = self._idle, []
        for child in idle:
            child.end()
