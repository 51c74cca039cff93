"""A real worker process over a test's database, to be killed as power cuts kill."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests import servers
from tests.factories import SiteOffice


@contextlib.contextmanager
def worker_process(office: SiteOffice, home: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    conf = office.app.config["DUDAO"]
    environment = servers.python_environment(
        DUDAO_ENV="test", DUDAO_SECRET_KEY=conf.secret_key, DUDAO_DATABASE_URL=conf.database, DUDAO_JOBS_LEASE_S="3",
        DUDAO_DATA_DIR=str(home), DUDAO_UPLOADS_DIR=str(conf.uploads_dir), DUDAO_LOG_LEVEL="WARNING", **settings,
    )
    command = [sys.executable, "-m", "flask", "--app", "tests.kit.worker_app", "worker"]
    with (home / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=servers.ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
