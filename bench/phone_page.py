"""The phone's page in a real Chromium: searching 3,259 sites, scrolling them, taking in photos of 12 megapixels, memory.

    python -m bench.phone_page [--slower 4] [--photos 30]

Beside each figure stands the same work with nothing of ours around it, in the same page and run: a filter of the same
names in plain JavaScript, frames of an empty page, reading and hashing the same photo. `--slower` lets the browser
compute that many times slower, as a cheap phone does. Needs the built client (`make web`) and Chromium.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

import psutil
import sqlalchemy as sa
from flask.cli import ScriptInfo
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

import config
from server import schema
from server.kit import clock
from server.programme.models import Assignment, Site
from tests.browser.conftest import FLAGS, PHONE, chromium_path
from tests.browser.steps import answer, arrive, begin, item
from tests.city import City, founded, until
from tests.factories import YINGZE
from tests.photos import jpeg

WORDS = ("迎泽", "示例小区", "0042", "柳巷街道", "没有", "y", "小", "1401", "家属院", "文庙")
# From the key to the frame that shows its answer.
SEARCH = """(word) => new Promise((done) => {
  const field = document.querySelector('input[type=search]');
  const begun = performance.now();
  field.value = word;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
})"""
FILTER = """async (words) => {
  const open = indexedDB.open(`dudao-${localStorage.getItem('dudao.person')}`);
  await new Promise((done) => { open.onsuccess = done; });
  const all = open.result.transaction('sites').objectStore('sites').getAll();
  await new Promise((done) => { all.onsuccess = done; });
  const begun = performance.now();
  for (const word of words) all.result.filter(({ search }) => search.includes(word)).slice(0, 20);
  return (performance.now() - begun) / words.length;
}"""
# The longest time between two frames while `during` goes on.
FRAMES = """window.gaps = [];
let before = performance.now();
const look = (now) => { window.gaps.push(now - before); before = now; requestAnimationFrame(look); };
requestAnimationFrame(look);"""
SCROLL = """() => new Promise((done) => {
  window.gaps.length = 0;
  let left = 120;
  const step = () => {
    scrollBy(0, 900);
    left -= 1;
    if (left) requestAnimationFrame(step);
    else done(Math.max(...window.gaps));
  };
  requestAnimationFrame(step);
})"""
HASH = """async (size) => {
  const bytes = new Uint8Array(size);
  const begun = performance.now();
  await crypto.subtle.digest('SHA-256', await new Blob([bytes]).arrayBuffer());
  return performance.now() - begun;
}"""


def main() -> None:
    """Print every figure with its bare one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slower", type=int, default=4, help="times slower than this machine (default 4)")
    parser.add_argument("--photos", type=int, default=30)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        founded(Path(name), _database(Path(name))) as city,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS) as browser,
    ):
        _everybodys_sites(city)
        phone = browser.new_context(base_url=city.server.url, locale="zh-CN", timezone_id="Asia/Shanghai", **PHONE)
        page = arrive(phone, "everywhere")
        expect(page.get_by_text("3259", exact=False).first).to_be_visible(timeout=60_000)
        _slower(phone, page, options.slower)
        print(f"browser        computes {options.slower} times slower than this machine")
        _sites(page)
        _photos(page, Path(name), options.photos)


def _database(home: Path) -> str:
    settings = {"DUDAO_ENV": "development", "DUDAO_DATA_DIR": str(home / "var"), "DUDAO_DATABASE_URL": f"sqlite:///{home}/bench.db"}
    schema.upgrade(config.load(settings).database)
    return settings["DUDAO_DATABASE_URL"]


def _everybodys_sites(city: City) -> None:
    """One inspector who has the whole sample programme."""
    app = city.office.app
    for command in (["districts", "load"], ["sample", "load"]):
        app.cli.main(command, prog_name="flask", standalone_mode=False, obj=ScriptInfo(create_app=lambda: app))
    someone = city.office.person("everywhere", "inspector", districts=(YINGZE,))
    ids = city.office.read(sa.select(Site.id))
    city.office.write(lambda db: db.add_all(
        Assignment(site_id=site_id, person_id=someone.id, since=clock.now()) for site_id in ids
    ))


def _slower(context: BrowserContext, page: Page, times: int) -> None:
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": times})


def _sites(page: Page) -> None:
    page.evaluate(FRAMES)
    keys = [page.evaluate(SEARCH, word) for word in WORDS for _ in range(3)]
    bare = page.evaluate(FILTER, list(WORDS))
    page.evaluate(SEARCH, "")
    scrolled = [page.evaluate(SCROLL) for _ in range(3)]
    print(f"search         {statistics.median(keys):.1f} ms, longest {max(keys):.1f} ms from the key to its frame (goal 50)")
    print(f"bare filter    {bare:.1f} ms in plain JavaScript over the same names")
    print(f"scroll         longest frame {statistics.median(scrolled):.0f} ms over 108,000 px of 3,259 sites")


def _photos(page: Page, folder: Path, number: int) -> None:
    begin(page, page.locator("main").get_by_text("示例小区").first.inner_text())
    answer(page, "ELEV-A05", "不合格")
    page.evaluate("window.gaps.length = 0")
    resting = _memory()
    photo = jpeg(4000, 3000, noise=0.12, quality=90, gps=(37.86, 112.55))
    gaps, peak = [], 0
    for count in range(1, number + 1):
        page.evaluate("window.gaps.length = 0")
        file = folder / f"{count}.jpg"  # as a file: what is handed over as bytes goes through the page's own thread
        file.write_bytes(photo + count.to_bytes(2, "big"))  # behind the end of the picture: no two are the same
        item(page, "ELEV-A05").locator("input[capture]").set_input_files(file)
        until(lambda n=count: item(page, "ELEV-A05").locator("img").count() == n, f"photo {count} is in")
        gaps.append(page.evaluate("Math.max(...window.gaps)"))
        peak = max(peak, _memory())
    hashed = page.evaluate(HASH, len(photo))
    print(f"photo          12 Mpx, {len(photo) / 1e6:.1f} MB: longest frame {max(gaps):.0f} ms, "
          f"middle {statistics.median(gaps):.0f} ms")
    print(f"bare hashing   {hashed:.0f} ms of the same bytes, which would stand still on the page's own thread")
    print(f"memory         {number} photos ({number * len(photo) / 1e6:.0f} MB): the page's process {resting >> 20} MiB "
          f"before, {peak >> 20} MiB at most, {_memory() >> 20} MiB after")


def _memory() -> int:
    """Bytes of the largest renderer: the page with its workers."""
    found: list[int] = []
    for process in psutil.Process().children(recursive=True):
        try:
            if "--type=renderer" in process.cmdline():
                found.append(process.memory_info().rss)
        except psutil.Error:
            continue
    return max(found)


if __name__ == "__main__":
    main()
