"""A real Chromium, as a phone and as a desk, before the production server with the built web client."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.city import City, founded
from tests.conftest import empty_database

expect.set_options(timeout=15_000)  # five seconds are few where several browsers share two cores
ROOT = Path(__file__).resolve().parents[2]
INSECURE_HOST = "dudao.test"  # leads here, and is no secure page: no HTTPS, and not this machine's own name
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", f"--host-resolver-rules=MAP {INSECURE_HOST} 127.0.0.1",
]
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True,
    "geolocation": {"latitude": 37.8601, "longitude": 112.5502, "accuracy": 8}, "permissions": ["geolocation"],
}
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}


def chromium_path() -> str:
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    assert path, "these tests need Chromium: apt install chromium"
    return path


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def town(request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The server with the client that was built; it stays for all tests here."""
    assert (ROOT / "web" / "dist" / "index.html").exists(), "build the web client first: make web"
    home = tmp_path_factory.mktemp("town")
    with empty_database(request, "sqlite", home) as url, founded(home, url) as made:
        yield made


@pytest.fixture
def browse(chromium: Browser, town: City) -> Iterator[Callable[..., BrowserContext]]:
    """Opens a browser's profile of its own: `browse(**PHONE)`. What its pages complain of fails the test."""
    complaints: list[str] = []
    open_ones: list[BrowserContext] = []

    def made(*, language: str = "zh-CN", **options: Any) -> BrowserContext:
        where = {"base_url": f"http://127.0.0.1:{town.server.port}", "locale": language, "timezone_id": "Asia/Shanghai"}
        context = chromium.new_context(**where | options)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.set_default_timeout(15_000)
        open_ones.append(context)
        return context

    yield made
    for context in open_ones:
        context.close()
    assert not complaints, complaints
