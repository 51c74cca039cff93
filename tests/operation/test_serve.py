"""The supervisor: it serves, starts again who dies, refuses what cannot work, and leaves nobody behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

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


def head_of(server: Production, part: str) -> int:
    assert server.process is not None
    own = {pid for pid in family(server.process.pid) if os.getpgid(pid) == pid}
    return next(pid for pid in own if part in command(pid))


@pytest.fixture
def server(tmp_path: Path, sqlite_template: Path) -> Iterator[Production]:
    made = Production(tmp_path, DUDAO_WEB_PROCESSES="2", DUDAO_WEB_THREADS="16", DUDAO_LOG_LEVEL="INFO")
    made.flask("db", "upgrade")
    made.start()
    yield made
    made.stop()


def test_it_starts_again_who_dies_and_ends_with_nobody_left(server: Production) -> None:
    assert server.process is not None
    first = head_of(server, "server.web")
    members = family(server.process.pid)
    assert sum("server.web" in line for line in members.values()) == 3, members
    assert any("worker" in line for line in members.values()), members

    os.kill(first, signal.SIGKILL)
    until(lambda: answers(server) and not alive(first), "the web server did not come back")
    assert head_of(server, "server.web") != first

    worker = head_of(server, "flask --app server worker")
    os.kill(worker, signal.SIGKILL)
    until(lambda: any("worker" in line for line in family(server.process.pid).values()), "the worker did not come back")

    everybody = family(server.process.pid)
    server.process.terminate()
    assert server.process.wait(PATIENCE_S) == 0
    assert [pid for pid in everybody if alive(pid)] == []


def test_kill_9_of_the_supervisor_takes_all_with_it(server: Production) -> None:
    assert server.process is not None
    everybody = family(server.process.pid)
    assert len(everybody) >= 4
    server.process.kill()
    server.process.wait()
    until(lambda: not any(alive(pid) for pid in everybody), "somebody was left behind")


def test_ctrl_c_ends_it_while_a_phone_is_half_way_through_a_body(server: Production) -> None:
    assert server.process is not None
    with socket.create_connection(("127.0.0.1", server.port)) as phone:
        phone.sendall(b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        everybody = family(server.process.pid)
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(PATIENCE_S) == 0
    assert [pid for pid in everybody if alive(pid)] == []


def test_it_refuses_a_taken_port_by_name(server: Production, tmp_path: Path) -> None:
    second = Production(tmp_path / "second", PORT=str(server.port))
    second.flask("db", "upgrade")
    with pytest.raises(RuntimeError, match=r"is taken by another program.*PORT="):
        second.flask("serve")


def test_it_refuses_tables_of_another_version_unless_told_to_migrate(tmp_path: Path) -> None:
    server = Production(tmp_path)
    with pytest.raises(RuntimeError, match="newest migration"):
        server.flask("serve")


def test_a_restore_does_not_run_beneath_a_server(server: Production, tmp_path: Path) -> None:
    server.flask("backup", str(tmp_path / "backup"))
    with pytest.raises(RuntimeError, match="a server is running here"):
        server.flask("restore", "--force", str(tmp_path / "backup"))


def test_production_refuses_to_start_without_a_secret_or_with_a_weak_one(tmp_path: Path) -> None:
    for secret in ("", "secret", "a" * 64, "short"):
        server = Production(tmp_path, DUDAO_SECRET_KEY=secret)
        with pytest.raises(RuntimeError, match="DUDAO_SECRET_KEY"):
            server.flask("serve")


def test_counters_of_all_web_processes_add_up(server: Production) -> None:
    for _ in range(20):
        assert answers(server)
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    line = next(line for line in text.splitlines() if line.startswith('dudao_requests_total{route="GET /healthz"'))
    assert float(line.split()[-1]) >= 20


def test_no_command_of_the_supervisor_shows_a_secret(server: Production) -> None:
    assert server.process is not None
    for line in family(server.process.pid).values():
        assert server.settings["DUDAO_SECRET_KEY"] not in line
    log = subprocess.run(["cat", str(server.home / "server.log")], check=True, capture_output=True, text=True).stdout
    assert server.settings["DUDAO_SECRET_KEY"] not in log
