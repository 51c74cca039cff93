"""A production server for measuring: web processes only, one inspector, one site, the checklists."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.factories import YINGZE, SiteOffice
from tests.servers import ROOT, free_port, python_environment

SECRET = "bench-only-0123456789abcdefghijklmnopqrstuv"


class Stage:
    """`with Stage(folder) as stage:` serves on stage.port; stage.token signs in an inspector of stage.site_id.

    `fill(office)` writes more into the database before the server starts.
    """

    def __init__(
        self, home: Path, database: str = "", *, fill: Callable[[SiteOffice], None] | None = None, **settings: str
    ) -> None:
        self.home, self.port, self.fill = home, free_port(), fill
        self.settings = {
            "DUDAO_ENV": "production", "DUDAO_SECRET_KEY": SECRET, "DUDAO_DATA_DIR": str(home / "var"),
            "DUDAO_UPLOADS_DIR": str(home / "uploads"), "DUDAO_MIN_FREE_BYTES": "0", "DUDAO_LOG_LEVEL": "WARNING",
            "DUDAO_ARGON2_MEMORY_KIB": "64", "DUDAO_ARGON2_TIME": "1", "DUDAO_ACCESS_TOKEN_MINUTES": "600",
            **({"DUDAO_DATABASE_URL": database} if database else {}), **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Stage:
        import config
        from server import create_app, schema

        conf = config.load(self.settings)
        conf.data_dir.mkdir(parents=True, exist_ok=True)
        schema.upgrade(conf.database)
        app = create_app(conf)
        office = SiteOffice(app)
        office.checklists()
        if self.fill is not None:
            self.fill(office)
        inspector = office.person("bench", "inspector", districts=(YINGZE,))
        self.site_id, self.token = str(office.site(inspectors=(inspector,))), inspector.tokens["access_token"]
        self.office = office
        office.database.dispose()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server.web", "127.0.0.1", str(self.port)], cwd=ROOT,
            env=python_environment(**self.settings), start_new_session=True,
            stdout=(self.home / "log").open("ab"), stderr=subprocess.STDOUT,
        )
        self.pid = self.process.pid
        self.wait_for(self.port)
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.end(self.process)

    @staticmethod
    def wait_for(port: int) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                time.sleep(1)  # the second web process is a moment behind the first
                return
            time.sleep(0.05)
        raise RuntimeError("the server did not start")

    @staticmethod
    def end(process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _family(pid: int) -> list[psutil.Process]:
    head = psutil.Process(pid)
    return [head, *head.children(recursive=True)]


def cpu_seconds(pid: int) -> float:
    """CPU that a process and its children have used so far."""
    total = 0.0
    for process in _family(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def peak_memory(pid: int) -> float:
    """MB: the largest resident size that one of the processes ever had."""
    lines = [line for process in _family(pid) for line in Path(f"/proc/{process.pid}/status").read_text().splitlines()]
    return max((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), default=0.0)
