"""Work of seconds in a process of its own.

Python's lock is one per process: while one thread counts a city's week, every other one waits for it at each of its steps,
and among them may be the one that holds the database's one writer, for which every phone waits (bench/README.md).
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from server.kit.processes import die_with_parent

T = TypeVar("T")
Tell = Callable[[int], None]  # per cent of the way

NICENESS = 10
_COMMAND = (
    sys.executable, "-c", "import sys; sys.path.insert(0, sys.argv[1]); from server.kit.apart import main; main()",
    str(Path(__file__).resolve().parents[2]),
)
_TOLD, _RAISED, _DONE = range(3)
_on = False


class LostError(Exception):
    """The process ended without an answer."""


def switch_on() -> None:
    """For processes that serve others meanwhile: the worker, and the web's. Commands and tests do their work themselves."""
    global _on
    _on = True


def run(work: Callable[..., T], *given: Any, tell: Tell = lambda _per_cent: None) -> T:
    """What `work(*given, tell)` returns, or raises. `work` is a function of a module; whatever is given or returned can
    be pickled; an error that cannot becomes a RuntimeError of the same words. Raises LostError."""
    if not _on:
        return work(*given, tell)
    process = subprocess.Popen(_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(pickle.dumps((os.getpid(), work, given)))
        process.stdin.close()
        while True:
            kind, value = pickle.load(process.stdout)  # noqa: S301 - of a process of our own, by a pipe that nobody else has
            if kind == _RAISED:
                raise value
            if kind == _DONE:
                return value  # type: ignore[no-any-return]
            tell(value)
    except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
        raise LostError(f"{work.__module__}.{work.__name__}") from error
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def main() -> None:
    """The process's side: one piece of work by standard input, what comes of it by standard output."""
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)  # whatever prints something must not stand among the answers
        parent, work, given = pickle.load(sys.stdin.buffer)  # noqa: S301 - see above
        die_with_parent(parent)
        os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))

        def say(kind: int, value: object) -> None:
            out.write(pickle.dumps((kind, value)))
            out.flush()

        try:
            found = work(*given, lambda per_cent: say(_TOLD, per_cent))
        except Exception as error:  # noqa: BLE001 - raised again by whoever waits for it
            say(_RAISED, _portable(error))
        else:
            say(_DONE, found)


def _portable(error: Exception) -> Exception:
    """The same error, or, where it cannot be put together again elsewhere, one that says the same."""
    try:
        again = pickle.loads(pickle.dumps(error))  # noqa: S301 - it was pickled here
    except Exception:  # noqa: BLE001 - whatever its class makes of it
        again = None
    if type(again) is type(error) and str(again) == str(error):
        return error
    return RuntimeError(f"{type(error).__name__}: {error}")
