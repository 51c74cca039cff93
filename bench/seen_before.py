"""Seen before, end to end: `python -m bench.seen_before [--stored 5000000] [--photos 24] [--postgres]`.

A production server and a worker, with so many prints stored as a programme has after years (drawn, as bench/likeness.py
draws them). A phone sends photographs of made scenes in a phone's size, and on another day and site copies of them: some
saved again as messengers do, cut, mirrored, brighter, some byte for byte. Told is how long after the receipt the flag
stands for whoever asks over HTTP, one photo after the other; and beside it what a photo that copies nothing takes
until the search for it is begun, and what the same takes while nothing is stored but these.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from PIL import Image, ImageEnhance, ImageOps

from bench.client import Line, Phone
from bench.likeness import drawn
from bench.stage import Stage, peak_memory
from bench.timing import get, percentile, share
from server.evidence.likeness import prints
from server.evidence.likeness.models import Print
from server.photos.models import Original, Renditions
from tests import servers
from tests.factories import YINGZE, SiteOffice
from tests.scenes import Scene

SIZE = (4000, 3000)
LEARNED_FROM = 200  # scenes from whose prints the others are drawn
AT_ONCE = 50_000


def jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _cut(picture: Image.Image) -> Image.Image:
    wide, high = picture.size
    return picture.crop((round(wide * 0.05), round(high * 0.02), round(wide * 0.98), round(high * 0.95)))


COPIES: dict[str, Callable[[bytes], bytes]] = {
    "saved again, 1440 pixels": lambda data: jpeg(ImageOps.contain(_opened(data), (1440, 1440)), 60),
    "cut": lambda data: jpeg(_cut(_opened(data)), 85),
    "mirrored": lambda data: jpeg(ImageOps.mirror(_opened(data)), 85),
    "brighter": lambda data: jpeg(ImageEnhance.Brightness(_opened(data)).enhance(1.2), 85),
    "the same bytes": lambda data: data,
}


def _opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def photographs(count: int) -> Iterator[bytes]:
    """Of scenes from which nothing was learned."""
    for number in range(LEARNED_FROM, LEARNED_FROM + count):
        yield jpeg(Scene(number).view().resize(SIZE, Image.Resampling.BICUBIC), 85)


def store(office: SiteOffice, count: int) -> None:
    """So many originals with prints, and no files: what is found by its print alone is not opened."""
    waves = np.array([prints.waves_of(prints.grey(Scene(number).view().convert("L"))) for number in range(LEARNED_FROM)])
    moment, stored = datetime(2026, 1, 1, tzinfo=UTC), 0
    for bits in drawn(waves, count):
        for begin in range(0, len(bits), AT_ONCE):
            part = bits[begin:begin + AT_ONCE]
            sums = [hashlib.sha256(f"{stored + place}".encode()).hexdigest() for place in range(len(part))]
            stored += len(part)
            originals = [{
                "sha256": one, "size": 3_000_000, "media_type": "image/jpeg", "stored_at": moment,
                "renditions": Renditions.NOT_MADE, "unreadable": False,
            } for one in sums]
            printed = [
                {"sha256": one, "bits": row.tobytes(), "made_at": moment} for one, row in zip(sums, part, strict=True)
            ]
            office.write(lambda db, rows=originals: db.execute(sa.insert(Original.__table__), rows))
            office.write(lambda db, rows=printed: db.execute(sa.insert(Print.__table__), rows))


class Eye:
    """Somebody of the office who looks whether the flag stands."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token

    def _read(self, path: str) -> Any:
        line = Line("127.0.0.1", self.port)
        try:
            status, answer = line.ask(get(f"/api/v1{path}", self.token))
        finally:
            line.close()
        assert status == 200, answer
        return json.loads(answer)

    def wait_for_flag(self, photo_id: str, patience_s: float) -> float:
        """Seconds until the flag stands."""
        def flagged() -> bool:
            return any(one["code"] == "seen-before" for one in self._read(f"/photos/{photo_id}")["flags"])
        return self._wait(flagged, patience_s)

    def wait_until_looked(self, photo_id: str, patience_s: float) -> float:
        """Seconds until the search for it was begun: its print is kept."""
        return self._wait(lambda: bool(self._read(f"/photos/{photo_id}/likeness")["looked"]), patience_s)

    @staticmethod
    def _wait(true: Callable[[], bool], patience_s: float) -> float:
        began = time.perf_counter()
        while not true():
            if time.perf_counter() - began > patience_s:
                raise TimeoutError("no flag")
            time.sleep(0.01)
        return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stored", type=int, default=5_000_000)
    parser.add_argument("--photos", type=int, default=24)
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    for stored in (0, options.stored):
        measure(stored, options.photos, postgres=options.postgres)


def measure(stored: int, count: int, *, postgres: bool) -> None:
    """Print how long the flags took with so many prints stored."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(servers.postgres() if postgres else nullcontext(""))
        made: dict[str, Any] = {}

        def fill(office: SiteOffice) -> None:
            store(office, stored)
            made["office"] = office.person("office", "office").tokens["access_token"]
            other = office.person("other", "inspector", districts=(YINGZE,))
            made["other"], made["there"] = other.tokens["access_token"], str(office.site("桃园小区", inspectors=(other,)))

        stage = stack.enter_context(Stage(home, url, fill=fill))
        part, eye = share(), Eye(stage.port, made["office"])
        scenes = photographs(count + 3)

        def told(change: Callable[[bytes], bytes]) -> tuple[float, float]:
            """Seconds until a photo was looked for, and until the flag stood on its copy."""
            data = next(scenes)
            first = _sent(stage.port, stage.token, stage.site_id, data)
            looked = eye.wait_until_looked(first, 600)
            return looked, eye.wait_for_flag(_sent(stage.port, made["other"], made["there"], change(data)), 600)

        # a worker that has just started reads all prints from the table; another one, from the file that it left
        openings = []
        for _ in range(2):
            worker = subprocess.Popen(
                [sys.executable, "-m", "flask", "--app", "server", "worker"], cwd=servers.ROOT,
                env=servers.python_environment(**stage.settings), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            stack.callback(Stage.end, worker)
            openings.append(told(COPIES["cut"])[1])
            if len(openings) == 1:
                Stage.end(worker)
        looked, flagged = [], dict[str, list[float]]()
        for name, change in itertools.islice(itertools.cycle(COPIES.items()), count):
            one, other = told(change)
            looked.append(one)
            flagged.setdefault(name, []).append(other)
        memory = peak_memory(worker.pid)
    every = [one for found in flagged.values() for one in found]
    print(
        f"{'postgresql' if postgres else 'sqlite'}, {stored:,} prints stored, {part:.0%} of {os.cpu_count()} cores ours; from "
        f"the receipt, one of {SIZE[0] * SIZE[1] // 1_000_000} megapixels after the other:"
    )
    print(f"  search begun, no copy    {_told(looked)}")
    for name, found in flagged.items():
        print(f"  {name:<24} {_told(found)}")
    print(f"  all flags                {_told(every)}")
    print(f"  the first flag of the first worker came after {openings[0]:.1f} s, that of one started anew after "
          f"{openings[1]:.1f} s; it took {memory:.0f} MB at most", flush=True)


def _sent(port: int, token: str, site_id: str, data: bytes) -> str:
    """The id of the one photo of a report that has its receipt."""
    phone = Phone(Line("127.0.0.1", port), token, site_id, b"", 0)
    try:
        return phone.send_photo_report(data)
    finally:
        phone.line.close()


def _told(seconds: list[float]) -> str:
    middle, late = (f"p{percent} {percentile(seconds, percent):5.0f} ms" for percent in (50, 95))
    return f"{len(seconds):>3} times  {middle}  {late}  most {max(seconds) * 1000:5.0f} ms"


if __name__ == "__main__":
    main()
