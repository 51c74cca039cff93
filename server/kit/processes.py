"""Processes that end with whoever started them, so that a kill -9 leaves nothing behind (Linux)."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _prctl(option: int, value: int) -> None:
    if _libc is not None and _libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def die_with_parent(parent: int, how: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel send `how` to this process when the process `parent` dies; end at once if it is dead already.

    The setting outlives exec and is not inherited by children: each has to ask for itself.
    """
    _prctl(PR_SET_PDEATHSIG, how)
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Grandchildren whose parent died become children of this process, which can then wait for them."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
