"""The documents say what is there: every folder, setting, table and link."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

import config
from server import schema, wiring

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_map_names_every_folder_and_file_of_the_server() -> None:
    told = (ROOT / "docs" / "map.md").read_text()
    for entry in sorted((ROOT / "server").iterdir()):
        if entry.is_dir() and (entry / "__init__.py").exists():
            assert f"`server/{entry.name}/`" in told, entry.name
        elif entry.suffix == ".py":
            assert f"`{entry.name}`" in told, entry.name


def test_the_map_names_no_folder_that_is_not_there() -> None:
    for name in re.findall(r"`(server/[a-z_]+)/`", (ROOT / "docs" / "map.md").read_text()):
        assert (ROOT / name / "__init__.py").exists(), name


def test_the_drawing_of_the_tables_is_that_of_the_models() -> None:
    page = (ROOT / "docs" / "data.md").read_text()
    drawn = re.search(r"```mermaid\n(.*?)\n```", page, re.DOTALL)
    assert drawn
    wiring.tables()
    assert drawn[1] == schema.diagram(), "run: flask --app server db diagram"


def test_every_setting_is_told_with_its_meaning() -> None:
    page = (ROOT / "docs" / "operating.md").read_text()
    for setting in fields(config.Config):
        line = next((row for row in page.splitlines() if row.startswith(f"| `{config.variable(setting.name)}` ")), None)
        assert line, f"add to docs/operating.md: | `{config.variable(setting.name)}` | | {setting.metadata['meaning']} |"
        assert setting.metadata["meaning"] in line
    for name in re.findall(r"DUDAO_[A-Z0-9_]*[A-Z0-9]", page):
        assert name == "DUDAO_S3" or name.removeprefix("DUDAO_").lower() in {one.name for one in fields(config.Config)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_file_named_is_there(page: Path) -> None:
    text = page.read_text()
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / target).exists(), target
    for name in re.findall(r"`(server/[\w/]+\.py)`", text):
        assert (ROOT / name).exists(), name


def test_the_readme_gives_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"run", "test", "check", "bench", "clean", "help"} <= targets
    for command in ("make run", "make test"):
        assert command in text.split("```")[1], command
