"""Maps: on the office's tiles, moved to what they are drawn in; without tiles or a signal, the outlines and the sites."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from server.kit.geo import Crs, Point, quick_distance_m
from server.kit.geo.datums import from_wgs84
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_phone_journey import arrive
from tests.city import City, founded, until
from tests.conftest import empty_database
from tests.factories import PASSWORD, YINGZE
from tests.photos import png

HERE = Point(37.86, 112.55)  # where the factory puts a site
TILE = re.compile(r"/(\d+)/(\d+)/(\d+)\.png$")


class Tiles:
    """A server of map tiles that remembers what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        picture, asked = png(256, 256), self.asked

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "image/png")
                self.end_headers()
                self.wfile.write(picture)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/{{z}}/{{x}}/{{y}}.png"

    @contextmanager
    def serving(self) -> Iterator[Tiles]:
        thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.server.shutdown()
            self.server.server_close()
            thread.join()


@pytest.fixture(scope="module")
def tiles() -> Iterator[Tiles]:
    with Tiles().serving() as serving:
        yield serving


@pytest.fixture(scope="module")
def tiled(
    request: pytest.FixtureRequest, tiles: Tiles, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[City]:
    """A city whose office has set tiles in GCJ-02."""
    home = tmp_path_factory.mktemp("tiled")
    settings = {"DUDAO_TILES_URL": tiles.url, "DUDAO_TILES_DATUM": "gcj02", "DUDAO_TILES_ATTRIBUTION": "© 某图 GS(2025)1号"}
    with empty_database(request, "sqlite", home) as url, founded(home, url, **settings) as made:
        yield made


@pytest.fixture
def opened(chromium: Browser, tiled: City) -> Iterator[Callable[..., BrowserContext]]:
    """As `browse`, for the city with tiles."""
    contexts: list[BrowserContext] = []

    def made(**options: Any) -> BrowserContext:
        base = f"http://127.0.0.1:{tiled.server.port}"
        contexts.append(chromium.new_context(base_url=base, locale="zh-CN", timezone_id="Asia/Shanghai", **options))
        contexts[-1].set_default_timeout(15_000)
        return contexts[-1]

    yield made
    for context in contexts:
        context.close()


def drawn_at(page: Page) -> Point:
    """Where on the tiles the site's dot lies: read off the screen, from the tile under the map's corner."""
    tile = page.locator("img.leaflet-tile-loaded").first
    z, x, y = map(int, TILE.search(tile.get_attribute("src") or "").groups())  # type: ignore[union-attr]
    corner, dot = tile.bounding_box(), page.locator("path.leaflet-interactive").last.bounding_box()
    assert corner
    assert dot
    across = (x + (dot["x"] + dot["width"] / 2 - corner["x"]) / corner["width"]) / 2**z
    down = (y + (dot["y"] + dot["height"] / 2 - corner["y"]) / corner["height"]) / 2**z
    return Point(math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * down)))), across * 360 - 180)


def test_tiles_in_gcj02_have_the_site_where_they_show_it_and_the_rest_needs_no_signal(
    tiled: City, tiles: Tiles, opened: Callable[..., BrowserContext]
) -> None:
    inspector = tiled.office.person("wang.maps", "inspector", districts=(YINGZE,))
    tiled.office.site("图上小区", inspectors=(inspector,))
    context = opened(**{**PHONE, "permissions": []})
    page = arrive(context, inspector.username)
    page.get_by_text("图上小区").click()
    expect(page.locator("img.leaflet-tile-loaded").first).to_be_visible()
    expect(page.get_by_text("© 某图 GS(2025)1号")).to_be_visible()
    assert all(TILE.fullmatch(path) for path in tiles.asked), tiles.asked

    shown = drawn_at(page)
    assert quick_distance_m(shown, from_wgs84(HERE.lat, HERE.lng, Crs.GCJ02)) < 5
    assert 400 < quick_distance_m(shown, HERE) < 700

    kept = "async () => (await (await caches.open('dudao-later')).keys()).length"
    until(lambda: page.evaluate(kept) >= 4, "the map is on the phone")
    context.set_offline(True)
    asked = len(tiles.asked)
    page.goto("/")
    page.reload()
    page.get_by_role("button", name="地图", exact=True).click()
    expect(page.get_by_text("迎泽区", exact=True)).to_be_attached()
    expect(page.get_by_text("区界仅供参考")).to_be_visible()
    page.get_by_role("region", name="小区分布图").tap()
    page.get_by_role("status").get_by_role("link", name="图上小区").tap()
    expect(page.get_by_role("heading", name="图上小区")).to_be_visible()
    expect(page.get_by_text("区界仅供参考")).to_be_visible()
    assert len(tiles.asked) == asked


def test_the_desk_asks_for_the_same_tiles(tiled: City, tiles: Tiles, opened: Callable[..., BrowserContext]) -> None:
    tiled.office.site("审核台小区")
    office = tiled.office.person("office.maps", "office")
    asked = len(tiles.asked)
    page = opened(**DESK).new_page()
    page.goto("/desk")
    page.get_by_label("用户名").fill(office.username)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.get_by_role("link", name="小区").or_(page.get_by_role("menuitem", name="小区")).first.click()
    page.get_by_text("地图", exact=True).click()
    expect(page.locator("img.leaflet-tile-loaded").first).to_be_visible()
    expect(page.get_by_text("迎泽区", exact=True).last).to_be_attached()
    assert len(tiles.asked) > asked


def test_without_a_setting_nobody_else_is_asked(town: City, browse: Callable[..., BrowserContext]) -> None:
    inspector = town.office.person("li.maps", "inspector", districts=(YINGZE,))
    town.office.site("无图小区", inspectors=(inspector,))
    context = browse(**PHONE)
    strangers: list[str] = []
    own = f"127.0.0.1:{town.server.port}"
    context.on("request", lambda request: None if urlsplit(request.url).netloc in {own, ""} else strangers.append(request.url))
    page = arrive(context, inspector.username)
    page.get_by_role("button", name="地图", exact=True).click()
    expect(page.get_by_text("迎泽区", exact=True)).to_be_attached()
    page.get_by_role("region", name="小区分布图").tap()
    page.get_by_role("status").get_by_role("link", name="无图小区").tap()
    expect(page.get_by_text("区界仅供参考")).to_be_visible()
    assert not strangers
    assert page.locator("img.leaflet-tile").count() == 0
