"""The supervisor: it serves, starts again who dies, refuses what cannot work, and leaves nobody behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import config
from tests.servers import Production

PATIENCE_S = 20


def until(true: Callable[[], bool], why: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, why
        time.sleep(0.02)


def family(pid: int) -> dict[int, str]:
    """Every living process below `pid`, with its command line."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if state != "Z":
                parents[int(entry.name)] = int(parent)
    found, fresh = set(), {pid}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return {one: command(one) for one in found}


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def alive(pid: int) -> bool:
    try:
        return (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]) != "Z"
    except OSError:
        return False


def answers(server: Production) -> bool:
    try:
        with urllib.request.urlopen(f"{server.url}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def head_of(server: Production, part: str) -> int | None:
    """The child of the supervisor whose command line holds `part`."""
    assert server.process is not None
    for pid, line in family(server.process.pid).items():
        with contextlib.suppress(OSError):
            if part in line and os.getpgid(pid) == pid:
                return pid
    return None


def started(home: Path, template: Path) -> Production:
    """A production server on a migrated SQLite database of its own."""
    made = Production(home, DUDAO_WEB_PROCESSES="2", DUDAO_WEB_THREADS="16", DUDAO_LOG_LEVEL="INFO")
    data = Path(made.settings["DUDAO_DATA_DIR"])
    data.mkdir(parents=True)
    shutil.copy(template, data / "dudao.db")
    made.start()
    return made


@pytest.fixture
def mortal(tmp_path: Path, sqlite_template: Path) -> Iterator[Production]:
    """A server to kill."""
    made = started(tmp_path, sqlite_template)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Production]:
    """A server to look at."""
    made = started(tmp_path_factory.mktemp("server"), sqlite_template)
    yield made
    made.stop()


def test_it_starts_again_who_dies_and_ctrl_c_leaves_nobody(mortal: Production) -> None:
    assert mortal.process is not None
    members = family(mortal.process.pid)
    assert sum("server.web" in line for line in members.values()) == 3, members
    for part in ("server.web", "flask --app server worker"):
        first = head_of(mortal, part)
        assert first is not None, members
        os.kill(first, signal.SIGKILL)
        gone = {first, None}
        until(lambda part=part, gone=gone: head_of(mortal, part) not in gone, f"{part} was not started again")
    until(lambda: answers(mortal), "the web server did not come back")

    with socket.create_connection(("127.0.0.1", mortal.port)) as phone:  # half way through a body
        phone.sendall(b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        everybody = family(mortal.process.pid)
        mortal.process.send_signal(signal.SIGINT)
        assert mortal.process.wait(PATIENCE_S) == 0
    assert [pid for pid in everybody if alive(pid)] == []


def test_kill_9_of_the_supervisor_takes_all_with_it(mortal: Production) -> None:
    assert mortal.process is not None
    everybody = family(mortal.process.pid)
    assert len(everybody) >= 4
    mortal.process.kill()
    mortal.process.wait()
    until(lambda: not any(alive(pid) for pid in everybody), "somebody was left behind")


def test_it_refuses_a_taken_port_by_name(server: Production) -> None:
    with pytest.raises(RuntimeError, match=r"is taken by another program.*PORT="):
        server.flask("serve")


def test_it_refuses_tables_of_another_version_unless_told_to_migrate(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="newest migration"):
        Production(tmp_path).flask("serve")


def test_a_restore_does_not_run_beneath_a_server(server: Production, tmp_path: Path) -> None:
    server.flask("backup", str(tmp_path / "backup"))
    with pytest.raises(RuntimeError, match="a server is running here"):
        server.flask("restore", "--force", str(tmp_path / "backup"))


EXAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "dudao.env.example"


def as_in_the_example(name: str) -> str:
    """What the example of /etc/dudao.env says for a setting, for whoever copies it and forgets to fill it in."""
    return next(line for line in EXAMPLE.read_text().splitlines() if line.startswith(f"{name}=")).partition("=")[2]


@pytest.mark.parametrize("secret", [
    "", "secret", "a" * 64, "short", "0123456789abcdef" * 2, "your-secret-key-of-at-least-32-bytes-here",
    "django-insecure-CHANGE_ME-0123456789", as_in_the_example("DUDAO_SECRET_KEY"),
])
def test_production_refuses_to_start_without_a_secret_or_with_a_weak_one(secret: str, tmp_path: Path) -> None:
    with pytest.raises(config.ConfigError, match="DUDAO_SECRET_KEY"):
        config.load({"DUDAO_SECRET_KEY": secret, "DUDAO_DATA_DIR": str(tmp_path)})


def test_production_refuses_the_placeholder_of_the_metrics_token(tmp_path: Path) -> None:
    good = {"DUDAO_SECRET_KEY": "kept-0123456789abcdefghijklmnopqrstuvwxyz", "DUDAO_DATA_DIR": str(tmp_path)}
    with pytest.raises(config.ConfigError, match="DUDAO_METRICS_TOKEN"):
        config.load({**good, "DUDAO_METRICS_TOKEN": as_in_the_example("DUDAO_METRICS_TOKEN")})
    assert config.load({**good, "DUDAO_METRICS_TOKEN": "a-word-of-our-own"}).metrics_token == "a-word-of-our-own"


def test_the_kept_secret_stands_in_for_a_variable_that_is_not_set_or_empty(tmp_path: Path) -> None:
    kept = "kept-0123456789abcdefghijklmnopqrstuvwxyz"
    (tmp_path / "secret").write_text(kept + "\n")
    assert config.load({"DUDAO_DATA_DIR": str(tmp_path)}).secret_key == kept
    assert config.load({"DUDAO_DATA_DIR": str(tmp_path), "DUDAO_SECRET_KEY": ""}).secret_key == kept


def test_counters_of_all_web_processes_add_up(server: Production) -> None:
    for _ in range(20):
        assert answers(server)
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    line = next(line for line in text.splitlines() if line.startswith('dudao_requests_total{route="GET /healthz"'))
    assert float(line.split()[-1]) >= 20


def test_neither_process_list_nor_log_shows_the_secret(server: Production) -> None:
    assert server.process is not None
    secret = server.settings["DUDAO_SECRET_KEY"]
    assert not any(secret in line for line in family(server.process.pid).values())
    assert secret not in (server.home / "server.log").read_text()
