"""A city at work: the production server with a small programme in its database, for tests that speak real HTTP."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

import config
from server import create_app
from tests.factories import YINGZE, SiteOffice, Someone
from tests.phone import Phone
from tests.servers import Production

DEADLINE_S = 60.0


@dataclass(frozen=True, slots=True)
class Inspector:
    """Somebody who reports: the person's id, the phone, and the site that is theirs alone."""

    id: uuid.UUID
    phone: Phone
    site_id: str


class City:
    """A running server, its programme, and phones to speak to it. `office` reads and writes the same database."""

    def __init__(self, server: Production, office: SiteOffice) -> None:
        self.server, self.office = server, office
        self.uploads = Path(server.settings["DUDAO_UPLOADS_DIR"])

    @property
    def kind(self) -> str:
        return str(self.office.database.engine.dialect.name)

    def inspector(self, *, patience_s: float = 60) -> Inspector:
        """A new inspector with a site; of nobody else."""
        name = f"inspector.{uuid.uuid4().hex[:10]}"
        someone = self.office.person(name, "inspector", districts=(YINGZE,))
        site_id = self.office.site(f"{name}的小区", inspectors=(someone,))
        return Inspector(someone.id, self.phone(someone, patience_s=patience_s), str(site_id))

    def phone(self, someone: Someone, **more: Any) -> Phone:
        return Phone(self.server.port, someone.tokens["access_token"], **more)

    def processes(self) -> list[psutil.Process]:
        """Every living process of the server."""
        if self.server.process is None:
            return []
        head = psutil.Process(self.server.process.pid)
        return [head, *head.children(recursive=True)]

    def log(self) -> str:
        """What the server wrote so far."""
        return (self.server.home / "server.log").read_text(errors="replace")


@contextmanager
def founded(home: Path, database_url: str, **settings: str) -> Iterator[City]:
    """A city on a migrated, empty database; its server and everything below it end with the block."""
    server = Production(home, **{
        "DUDAO_DATABASE_URL": database_url, "DUDAO_WEB_PROCESSES": "2", "DUDAO_WEB_THREADS": "64",
        "DUDAO_ACCESS_TOKEN_MINUTES": "600", "DUDAO_JOBS_WORKERS": "1", "DUDAO_JOBS_LEASE_S": "5",
        **settings,
    })
    Path(server.settings["DUDAO_DATA_DIR"]).mkdir(parents=True, exist_ok=True)
    office = SiteOffice(create_app(config.load(server.settings)))
    try:
        office.checklists()
        server.start()
        yield City(server, office)
    finally:
        server.stop()
        office.database.dispose()


def until(true: Callable[[], Any], why: str | Callable[[], str], *, seconds: float = DEADLINE_S) -> None:
    """Wait for a condition; fail with `why` when its time is over."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, why if isinstance(why, str) else why()
        time.sleep(0.02)
