"""A sample of each torture runs with the other tests; `--torture` (make torture) runs all of it and prints figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

LONG = {"test_images_memory.py"}  # nothing of these can be sampled
Figure = Callable[..., None]
FIGURES: list[tuple[str, dict[str, Any]]] = []


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return True if collection_path.name in LONG and not config.getoption("--torture") else None


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if not FIGURES:  # the processes of xdist keep theirs to themselves: make torture runs in one
        return
    terminalreporter.section("figures (for bench/README.md)")
    for name, values in sorted(FIGURES, key=lambda figure: figure[0]):
        terminalreporter.write_line(f"{name}: " + ", ".join(f"{key} {value}" for key, value in values.items()))


@pytest.fixture(scope="session")
def in_full(request: pytest.FixtureRequest) -> bool:
    """Whether to do all of it rather than a sample."""
    return bool(request.config.getoption("--torture"))


@pytest.fixture(scope="session")
def figure() -> Figure:
    """figure("cuts, sqlite", exchanges=…): a line of the figures at the end."""

    def keep(name: str, **values: Any) -> None:
        FIGURES.append((name, values))

    return keep
