"""What the pages are told of this installation, and which tiles an office may set for its maps."""

from __future__ import annotations

from dataclasses import replace

import pytest

import config
from tests.factories import SiteOffice

TIANDITU = "https://t{s}.tianditu.gov.cn/vec_w/wmts?TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=key"


def test_without_a_setting_there_are_no_tiles(office: SiteOffice) -> None:
    told = office.person("wang", "inspector").get("/settings").json
    assert told == {"map": {"tiles_urls": [], "datum": "wgs84", "attribution": "", "max_zoom": 18}}


def test_the_pages_are_told_the_tiles(office: SiteOffice) -> None:
    office.app.config["DUDAO"] = replace(
        office.app.config["DUDAO"], tiles_url=f"{TIANDITU}  https://b.example/{{z}}/{{x}}/{{y}}", tiles_datum="gcj02",
        tiles_attribution="© 高德 GS(2025)1号", tiles_max_zoom=17,
    )
    told = office.person("wang", "inspector").get("/settings").json
    assert told == {"map": {
        "tiles_urls": [TIANDITU, "https://b.example/{z}/{x}/{y}"], "datum": "gcj02",
        "attribution": "© 高德 GS(2025)1号", "max_zoom": 17,
    }}


@pytest.mark.parametrize("url", [
    "", TIANDITU, f"{TIANDITU} {TIANDITU}", "http://127.0.0.1:8080/{z}/{x}/{y}.png", "http://localhost/{z}/{x}/{y}.png",
])
def test_tiles_that_may_be_set(url: str) -> None:
    config.load({"DUDAO_ENV": "test", "DUDAO_TILES_URL": url})


@pytest.mark.parametrize(("name", "value", "why"), [
    ("URL", "https://a.example/{z}/{x}.png", "{x}, {y} and {z}"),
    ("URL", "https://a.example/{z}/{x}/{y}/{key}.png", "no other braces"),
    ("URL", "http://a.example/{z}/{x}/{y}.png", "https"),
    ("URL", "//a.example/{z}/{x}/{y}.png", "https"),
    ("URL", "javascript:{z}{x}{y}", "a host"),
    ("URL", "https://me:secret@a.example/{z}/{x}/{y}", "a host"),
    ("URL", "https://a.example;script-src/{z}/{x}/{y}", "a host"),
    ("URL", "https://[::1/{z}/{x}/{y}", "DUDAO_TILES_URL"),
    ("DATUM", "bd09", "Baidu"),
    ("DATUM", "mars", "wgs84 or gcj02"),
    ("MAX_ZOOM", "0", "1 to 22"),
])
def test_tiles_that_cannot_work_are_refused_at_the_start(name: str, value: str, why: str) -> None:
    with pytest.raises(config.ConfigError, match=f"DUDAO_TILES_{name}") as refused:
        config.load({"DUDAO_ENV": "test", f"DUDAO_TILES_{name}": value})
    assert why in str(refused.value)
