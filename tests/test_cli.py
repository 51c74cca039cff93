"""The command line as somebody meets it who has set up too little: one line that says what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT, python_environment

SECRET = "tests-only-0123456789abcdefghijklmnopqrstuv"
ADD = ("people", "add", "--username", "boss", "--name", "王主任", "--role", "admin")


def flask(home: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    places = {"DUDAO_DATA_DIR": str(home / "var"), "DUDAO_UPLOADS_DIR": str(home / "uploads")}
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "server", *arguments], cwd=ROOT, check=False, text=True,
        capture_output=True, env=python_environment(**places, **settings),
    )


@pytest.mark.parametrize("arguments", [ADD, ("db", "upgrade"), ("restore", "."), ("--help",)], ids=lambda a: a[0])
def test_without_a_secret_any_command_says_so_in_one_line(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = flask(tmp_path, *arguments)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("dudao: DUDAO_SECRET_KEY: ")
    assert " / " in line
    assert "secrets.token_urlsafe" in line


def test_before_there_are_tables_a_command_says_how_they_are_made(tmp_path: Path) -> None:
    done = flask(tmp_path, *ADD, DUDAO_SECRET_KEY=SECRET)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert " / " in line
    assert line.endswith("flask --app server db upgrade")
    assert flask(tmp_path, "db", "upgrade", DUDAO_SECRET_KEY=SECRET).returncode == 0
    added = flask(tmp_path, *ADD, DUDAO_SECRET_KEY=SECRET)
    assert added.stdout.startswith("boss: one-time code ")


def test_a_database_that_is_away_is_one_line_too(tmp_path: Path) -> None:
    away = "postgresql+psycopg://dudao@127.0.0.1:9/dudao"
    for arguments in (ADD, ("db", "upgrade")):
        done = flask(tmp_path, *arguments, DUDAO_SECRET_KEY=SECRET, DUDAO_DATABASE_URL=away)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "the database cannot be used" in done.stderr
