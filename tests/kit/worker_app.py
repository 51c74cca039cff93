"""The application with a few jobs of its own, for workers that tests start as processes."""

from __future__ import annotations

import os
import time
from pathlib import Path

from server import create_app
from server.kit.jobs import Work, handles

__all__ = ["create_app"]


@handles("test-slow-once")
def slow_once(work: Work) -> None:
    """Writes a line when it starts and one when it is done; the first time it takes for ever."""
    notes = Path(work.payload["notes"])
    first = not notes.exists()
    with notes.open("a") as file:
        file.write(f"started {os.getpid()}\n")
    if first:
        time.sleep(600)
    with notes.open("a") as file:
        file.write(f"done {os.getpid()}\n")


@handles("test-note")
def note(work: Work) -> None:
    """Writes one line."""
    with Path(work.payload["notes"]).open("a") as file:
        file.write(f"{work.payload['what']}\n")
