"""`make screenshots`: every page of the client at a phone's and at a desk's size, in both languages, as PNG files.

They go to `var/screenshots/<language>/<width>x<height>/<page>.png`; those that the README shows, to `docs/pictures/` as well.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import click
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

import config
from server import schema
from tests.browser import pages
from tests.browser.conftest import DESK, FLAGS, PHONE, ROOT, chromium_path
from tests.browser.stage import Stage, staged

PICTURES = ROOT / "docs" / "pictures"
README = {  # of the first size that shows it as its people see it
    ("zh-CN", "390x844", "fill-failed"): "phone-inspection", ("zh-CN", "390x844", "outbox-waiting"): "phone-outbox",
    ("zh-CN", "1440x900", "review"): "desk-review", ("zh-CN", "1440x900", "programme"): "desk-programme",
}
COLOURS = 128  # enough for a page; a picture in the repository should be small


@click.command()
@click.option("--to", "folder", type=click.Path(path_type=Path), default=ROOT / "var" / "screenshots", show_default=False)
def main(folder: Path) -> None:
    """Every page of the client as somebody sees it."""
    shutil.rmtree(folder, ignore_errors=True)
    with (
        tempfile.TemporaryDirectory() as home,
        staged(Path(home), _database(Path(home))) as stage,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS) as browser,
    ):
        for language in pages.LANGUAGES:
            for device in (PHONE, DESK):
                _take(browser, stage, language, device, folder)


def _database(home: Path) -> str:
    settings = {"DUDAO_ENV": "development", "DUDAO_DATA_DIR": str(home / "var"), "DUDAO_DATABASE_URL": f"sqlite:///{home}/stage.db"}
    schema.upgrade(config.load(settings).database)
    return settings["DUDAO_DATABASE_URL"]


def _take(browser: Browser, stage: Stage, language: str, device: dict[str, Any], folder: Path) -> None:
    size = "{width}x{height}".format(**device["viewport"])
    there = folder / language / size
    there.mkdir(parents=True)
    for tour in pages.TOURS:
        with browser.new_context(
            base_url=stage.city.server.url, locale=language, timezone_id="Asia/Shanghai",
            device_scale_factor=2 if device is PHONE else 1,
            **{**device, "geolocation": PHONE["geolocation"], "permissions": PHONE["permissions"]},
        ) as context:
            page = context.new_page()
            looker = pages.Looker(page)
            for name in tour(page, stage, pages.saying(language)):
                looker.settle()
                page.screenshot(path=there / f"{name}.png")
                _for_readme(there / f"{name}.png", README.get((language, size, name)))
                click.echo(f"{language} {size} {name}")


def _for_readme(taken: Path, name: str | None) -> None:
    if name is None:
        return
    PICTURES.mkdir(exist_ok=True)
    image = Image.open(taken).convert("RGB")
    image.thumbnail((1440, 1100))
    image.quantize(COLOURS).save(PICTURES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
