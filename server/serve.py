"""`flask --app server serve`: web server and job worker as children; who dies is started again, nobody stays behind."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import click
import structlog
from flask import current_app
from flask.cli import with_appcontext

from server import schema
from server.backup_cli import serving
from server.kit.db import Database
from server.kit.processes import adopt_orphans, die_with_parent

ROOT = Path(__file__).resolve().parent.parent
STOP_S = 10.0
FIRST_DELAY_S, LONGEST_DELAY_S, STEADY_S = 0.1, 5.0, 5.0
ENDS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
log = structlog.get_logger()


@dataclass(slots=True)
class Child:
    """One child process, the head of its own process group."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    born: float = 0.0
    delay: float = FIRST_DELAY_S
    start_at: float = 0.0  # not before this moment of the monotonic clock

    def start(self, environment: dict[str, str]) -> None:
        parent = os.getpid()

        def prepare() -> None:
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            die_with_parent(parent)

        self.process = subprocess.Popen(
            self.command, env=environment, stdin=subprocess.DEVNULL, process_group=0,
            preexec_fn=prepare,  # noqa: PLW1509 - this process has one thread
        )
        self.born = monotonic()
        log.info("started", child=self.name, pid=self.process.pid)

    def signal(self, what: signal.Signals, *, group: bool = False) -> None:
        if self.process is None:
            return
        try:
            if group:
                os.killpg(self.process.pid, what)
            else:
                os.kill(self.process.pid, what)
        except ProcessLookupError:
            return

    def ended(self, status: int, *, told_to: bool) -> None:
        """It has ended. Where nobody told it to: clear its group away and say when it may start again."""
        if self.process is None:
            return
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if not told_to:
            self.signal(signal.SIGKILL, group=True)
            self._put_off(monotonic() - self.born, self.process.returncode)
        self.process = None

    def _put_off(self, lived_s: float, status: int) -> None:
        if lived_s >= STEADY_S:
            self.delay = FIRST_DELAY_S
        self.start_at = monotonic() + self.delay
        log.error("died", child=self.name, status=status, lived_s=round(lived_s, 1), again_in_s=self.delay)
        self.delay = min(self.delay * 2, LONGEST_DELAY_S)


@dataclass(slots=True)
class Supervisor:
    """Runs the children until told to stop. The only thread of its process; signals are taken one by one."""

    children: list[Child]
    environment: dict[str, str]
    ready: Callable[[], bool] = lambda: True
    announce: Callable[[], None] | None = None
    _stopping: bool = False

    def run(self) -> None:
        adopt_orphans()
        signal.pthread_sigmask(signal.SIG_BLOCK, {*ENDS, signal.SIGCHLD})
        try:
            while True:
                self._start_due()
                if self.announce is not None and self.ready():
                    self.announce()
                    self.announce = None
                received = signal.sigtimedwait({*ENDS, signal.SIGCHLD}, self._patience())
                if received is not None and received.si_signo in ENDS:
                    log.info("stopping", signal=signal.Signals(received.si_signo).name)
                    return
                self._reap()
        finally:
            self._stop()

    def _start_due(self) -> None:
        for child in self.children:
            if child.process is None and monotonic() >= child.start_at:
                child.start(self.environment)

    def _patience(self) -> float:
        if self.announce is not None:
            return 0.1
        waiting = [child.start_at - monotonic() for child in self.children if child.process is None]
        return max(0.0, min(waiting, default=5.0))

    def _reap(self) -> bool:
        """Collect whoever has died, orphans of children too. False when there is nobody left to wait for."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            for child in self.children:
                if child.process is not None and child.process.pid == pid:
                    child.ended(status, told_to=self._stopping)

    def _stop(self) -> None:
        """Ask all to end, insist after STOP_S or at a second signal, and wait until nobody is left."""
        self._stopping = True
        for child in self.children:
            child.signal(signal.SIGTERM)
        groups = [child.process.pid for child in self.children if child.process is not None]
        deadline = monotonic() + STOP_S
        while any(child.process is not None for child in self.children) and monotonic() < deadline:
            received = signal.sigtimedwait({*ENDS, signal.SIGCHLD}, max(0.0, deadline - monotonic()))
            if received is not None and received.si_signo in ENDS:
                break
            self._reap()
        for group in groups:
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                continue
        deadline = monotonic() + STOP_S
        while self._reap() and monotonic() < deadline:
            signal.sigtimedwait({signal.SIGCHLD}, 0.05)
        log.info("stopped")


def children(host: str, port: int, *, worker: bool) -> list[Child]:
    """The web server, and the job worker where this version has one."""
    found = [Child("web", [sys.executable, "-m", "server.web", host, str(port)])]
    if worker:
        found.append(Child("worker", [sys.executable, "-m", "flask", "--app", "server", "worker"]))
    return found


def answers(host: str, port: int) -> bool:
    """Whether the web server says that all it needs is there."""
    try:
        with socket.create_connection((host, port), 0.5) as line:
            line.settimeout(5)
            line.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return b" 200 " in line.recv(64)
    except OSError:
        return False


def refuse_taken_port(host: str, port: int) -> None:
    """Two servers could share a port without noticing (SO_REUSEPORT) and take turns with each other's phones."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = "is taken by another program" if error.errno == errno.EADDRINUSE else str(error)
            raise click.ClickException(f"{host}:{port} {why}; choose another with PORT=…") from error


def refuse_old_database(database: Database) -> None:
    """The code and the tables must be of one version."""
    if not schema.is_current(database.engine):
        raise click.ClickException(
            "the database is not at this version's newest migration; "
            "run `flask --app server db upgrade`, or start with --migrate"
        )


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, envvar="PORT", show_default=True)
@click.option("--migrate", is_flag=True, help="Bring the database to the newest migration first.")
@with_appcontext
def command(host: str, port: int, migrate: bool) -> None:
    """Serve the API, with the job worker beside it, until SIGTERM or Ctrl-C."""
    database: Database = current_app.extensions["dudao"].database
    if migrate:
        schema.upgrade(current_app.config["DUDAO"].database)
    refuse_old_database(database)
    refuse_taken_port(host, port)
    database.dispose()
    with serving(current_app.config["DUDAO"].data_dir, alone=False):
        run(host, port, worker="worker" in current_app.cli.commands)


def run(host: str, port: int, *, worker: bool, announce: Callable[[], None] | None = None) -> None:
    """Serve until told to stop; `announce` is called once, when the server answers."""
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), environment.get("PYTHONPATH", "")]))
    Supervisor(
        children(host, port, worker=worker), environment, ready=lambda: answers(host, port), announce=announce
    ).run()
