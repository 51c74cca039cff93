"""What holds for the whole house: settings, refusals and modules are complete and explained."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest

import config
from server.errors import CATALOGUE, Refusal

ROOT = Path(__file__).resolve().parent.parent
SERVER = sorted(path for path in (ROOT / "server").rglob("*.py") if "__pycache__" not in path.parts)
MODULES = [ROOT / "config.py", *SERVER]
MAX_LINES = 350
STATUSES = {400, 401, 403, 404, 405, 406, 409, 410, 411, 412, 413, 415, 416, 422, 423, 429, 460, 500, 503, 507}
TRY_AGAIN = {423, 429, 503, 507}
HAN = re.compile("[\u4e00-\u9fff]")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


# --- settings


@pytest.mark.parametrize("setting", fields(config.Config), ids=lambda setting: setting.name)
def test_a_setting_says_in_one_line_what_it_means(setting: object) -> None:
    meaning = setting.metadata["meaning"]  # type: ignore[attr-defined]
    assert len(meaning) >= 8
    assert "\n" not in meaning


def test_the_environment_is_read_in_one_place_only() -> None:
    """A process may hand its environment on; what a setting says is read by config.py alone."""
    readers = [
        f"{name(path)}:{node.lineno}" for path in SERVER for node in ast.walk(tree(path))
        if (isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ"
            and isinstance(node.slice, ast.Constant) and str(node.slice.value).startswith("DUDAO_")
            and isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.Call) and ast.unparse(node.func) in {"os.getenv", "os.environ.get"}
            and any(isinstance(arg, ast.Constant) and str(arg.value).startswith("DUDAO_") for arg in node.args))
    ]
    assert readers == []


def test_every_setting_is_used_somewhere() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in MODULES)
    unused = [
        setting.name for setting in fields(config.Config)
        if not re.search(rf"\.{setting.name}\b", code) and not setting.name.startswith("due_days_")
    ]
    assert unused == []


# --- refusals


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_refusal_has_a_name_a_status_and_a_title_in_both_languages(code: str) -> None:
    entry = CATALOGUE[code]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
    assert entry.status in STATUSES
    assert HAN.search(entry.zh)
    assert entry.en.isascii()
    assert entry.en[0].isupper()
    if entry.status in TRY_AGAIN:
        assert entry.retry_after, "a client that is asked to come again must be told when"
    problem = Refusal(code).problem("zh")
    named = {"errors"} if entry.status == 422 else set[str]()
    assert problem.keys() == {"type", "title", "status", "detail", "code"} | named


def _codes(path: Path) -> list[tuple[int, str]]:
    """Every code that a module refuses with: Refusal("…") and `code="…"`."""
    found = []
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func).rsplit(".", 1)[-1]
        wanted = [node.args[0]] if called == "Refusal" and node.args else []
        if called in {"Refusal", "invalid"}:
            wanted += [keyword.value for keyword in node.keywords if keyword.arg == "code"]
        for value in wanted:
            branches = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
            found += [(node.lineno, one.value) for one in branches
                      if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return found


def test_every_code_that_is_used_is_in_the_catalogue() -> None:
    unknown = [f"{name(path)}:{line} {code}" for path in SERVER for line, code in _codes(path) if code not in CATALOGUE]
    assert unknown == []


def test_every_code_of_the_catalogue_is_used() -> None:
    errors = ROOT / "server" / "errors.py"
    code_elsewhere = "\n".join(path.read_text(encoding="utf-8") for path in SERVER if path != errors)
    in_errors = {code for _, code in _codes(errors)}
    unused = [code for code in CATALOGUE if f'"{code}"' not in code_elsewhere and code not in in_errors]
    assert unused == []


# --- modules


def test_a_module_begins_with_a_sentence() -> None:
    said = {name(path): (ast.get_docstring(tree(path)) or "").split("\n\n")[0] for path in MODULES}
    assert [path for path, sentence in said.items() if len(sentence) < 15] == []


def test_a_module_stays_small() -> None:
    lines = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {path: count for path, count in lines.items() if count > MAX_LINES} == {}


LAYERS = {
    "rules": {"sqlalchemy", "marshmallow", "flask"},
    "queries": {"flask"},
    "models": {"flask", "marshmallow"},
    "schemas": {"flask", "sqlalchemy"},
}


def test_a_layer_does_not_know_what_is_above_it() -> None:
    for path in SERVER:
        assert _imported(path) & LAYERS.get(path.stem, set()) == set(), name(path)


def _imported(path: Path) -> set[str]:
    return {
        part.split(".")[0]
        for node in ast.walk(tree(path)) if isinstance(node, ast.Import | ast.ImportFrom)
        for part in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""])
    }


def test_no_reason_is_asked_of_a_person_twice() -> None:
    """Each title stands for one refusal: two codes with one sentence could not be told apart on a phone."""
    for language in ("zh", "en"):
        titles = [getattr(entry, language) for entry in CATALOGUE.values()]
        assert len(titles) == len(set(titles)), sorted({title for title in titles if titles.count(title) > 1})
