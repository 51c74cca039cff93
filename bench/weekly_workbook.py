"""How long the week's workbook and ZIP take, and how much memory: `python -m bench.weekly_workbook [--issues 5000]`.

Needs no database: a bulletin of invented rows, each issue with a photo before and, of every third, one after.
`workbook` and `zipped` may be called by other programs; each runs in a process of its own, whose peak memory it tells,
the process that makes thumbnails included.
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from server.weekly import archive, render
from server.weekly.workbook import thumbs
from tests.photos import jpeg
from tests.weekly import bulletins

THUMB = (320, 240)  # as the stored renditions are
PIECE = 256 * 1024


class Measured(NamedTuple):
    """Seconds by the clock and of processors, the highest resident memory of any process in MB, the bytes made."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    size: int


def workbook(issues: int = 5000) -> Measured:
    """An XLSX of so many issues, with at most 2,000 thumbnails."""
    return _apart("workbook", issues=issues)


def zipped(photos: int = 2000, photo_bytes: int = 3_000_000) -> Measured:
    """A ZIP with so many photos, as a stream that nobody keeps."""
    return _apart("zipped", photos=photos, photo_bytes=photo_bytes)


def _workbook(issues: int) -> None:
    ground = Image.open(io.BytesIO(jpeg(*THUMB, noise=0.2)))
    given = iter([_thumb(ground, number) for number in range(thumbs.MOST)])
    bulletin = bulletins.full(issues)
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "week.xlsx"
        began, before = time.perf_counter(), time.process_time()
        render.xlsx(bulletin, "zh", path, lambda _sha256: next(given), lambda one: f"https://d.example/{one}")
        _tell(began, before, path.stat().st_size)


def _thumb(ground: Image.Image, number: int) -> bytes:
    """Unlike any other: a workbook keeps equal ones once."""
    made, out = ground.copy(), io.BytesIO()
    left, top = number % 160, number // 160 * 10
    made.paste((number % 256, number // 256 * 30, 90), (left, top, left + 120, top + 90))
    made.save(out, "JPEG", quality=80)
    return out.getvalue()


def _zipped(photos: int, photo_bytes: int) -> None:
    def original(_sha256: str) -> Iterator[bytes]:
        left = photo_bytes
        while left > 0:
            yield piece[:left]
            left -= len(piece)

    piece = b"\xff\xd8\xff" + bytes(PIECE - 3)
    # of three issues, four photos are listed
    bulletin = bulletins.full(photos * 3 // 4)
    bulletin["words"]["cases"] = []
    began, before = time.perf_counter(), time.process_time()
    _tell(began, before, sum(len(one) for one in archive.stream(bulletin, "zh", {}, original)))


def _tell(began: float, before: float, size: int) -> None:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    spent = sum(one.ru_utime + one.ru_stime for one in used)
    print(json.dumps([time.perf_counter() - began, spent - before, max(one.ru_maxrss for one in used) / 1024, size]))


def _apart(what: str, **numbers: int) -> Measured:
    command = [sys.executable, "-m", "bench.weekly_workbook", "--only", what, "--with", json.dumps(numbers)]
    said = subprocess.run(command, check=True, capture_output=True, text=True)
    return Measured(*json.loads(said.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--issues", type=int, default=5000)
    parser.add_argument("--photos", type=int, default=2000)
    parser.add_argument("--only", choices=("workbook", "zipped"), help=argparse.SUPPRESS)
    parser.add_argument("--with", dest="numbers", type=json.loads, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only:
        does: dict[str, Any] = {"workbook": _workbook, "zipped": _zipped}
        does[asked.only](**asked.numbers)
        return
    for told, made in (
        (f"XLSX of {asked.issues} issues", workbook(asked.issues)), (f"ZIP of {asked.photos} photos", zipped(asked.photos))
    ):
        print(f"{told}: {made.seconds:.1f} s ({made.cpu_seconds:.1f} s of a core), peak {made.peak_mb:.0f} MB, "
              f"{made.size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
