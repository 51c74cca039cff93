"""The web server, granian: processes and threads by the settings. serve starts it: `python -m server.web HOST PORT`."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import MPServer

import config as settings
from server.kit import logs
from server.kit.processes import die_with_parent

STOP_S = 4  # a slow upload is cut then; the phone resumes it at the byte


def load(port: int, silence_s: float, _target: str) -> Callable[..., Any]:
    """The application, made in each web process after the fork: its threads and connections do not survive one."""
    # Until granian sets its own, the handlers are copies of its main process's, which would swallow the word to stop.
    for what in (signal.SIGTERM, signal.SIGINT):
        signal.signal(what, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        die_with_parent(parent.pid)
    from server.kit import apart, lines
    from server.wsgi import app

    apart.switch_on()
    lines.Lines(port, silence_s).watch()
    return app


def make(conf: settings.Config, host: str, port: int) -> MPServer:
    """The server, not yet started."""
    return MPServer(
        "server.wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=conf.web_processes,
        blocking_threads=conf.web_threads,
        # Counts open connections, idle ones of keep-alive too: well above the threads, or 500 sleeping phones
        # would keep the 501st from being accepted.
        backpressure=max(2048, 4 * conf.web_threads),
        backlog=2048,
        http1_settings=HTTP1Settings(header_read_timeout=20_000),
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_S,
        log_level=LogLevels.error,  # it warns of our many threads, which slow uploads need
        log_dictconfig=logs.for_others("_granian", json=conf.log_json, level=conf.log_level),
        log_access=False,
    )


def _shared_counters(folder: Path) -> None:
    """Counters of all web processes add up in files there, from zero at each start."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def main() -> None:
    for name in [name for name in os.environ if name.startswith("GRANIAN_")]:
        del os.environ[name]  # the settings of this product are in config.py alone
    conf, port = settings.load(), int(sys.argv[2])
    _shared_counters(conf.data_dir / "metrics")
    logs.set_up(conf.log_json, conf.log_level)
    make(conf, sys.argv[1], port).serve(target_loader=partial(load, port, conf.line_silence_s))


if __name__ == "__main__":
    main()
