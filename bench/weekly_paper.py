"""How long the printed weekly report takes, and how much memory: `python -m bench.weekly_paper [--rows 3000]`.

Forty-eight photos of twelve megapixels' previews (1600×1200), every chart, and so many rows in the register and the list
of inspections. `bench/weekly.py` may call `measured` with a bulletin of its own.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from server.weekly.paper import drawing
from server.weekly.paper.sample import figures, sample
from tests.photos import jpeg

Photo = Callable[[str], Path | bytes | None]


def measured(bulletin: dict[str, Any], photo: Photo, folder: Path | None = None) -> dict[str, dict[str, float]]:
    """{docx, pdf: wall and processor seconds, megabytes of the file, MiB of the largest process that drew it so far}."""
    forms: dict[str, Callable[[], bytes]] = {
        "docx": lambda: drawing.docx(bulletin, "zh", photo, folder=folder)[0],
        "pdf": lambda: drawing.pdf(bulletin, "zh", photo, folder=folder),
    }
    found = {}
    for form, draw in forms.items():
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        data = draw()
        took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        found[form] = {
            "seconds": took, "cpu_seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            "megabytes": len(data) / 1e6, "child_mib": after.ru_maxrss / 1024,
        }
    return found


def with_48_photos(rows: int) -> dict[str, Any]:
    """The sample bulletin with so many rows, and 24 cases that each show a pair."""
    bulletin = sample() | {"figures": figures(rows, rows)}
    cases = bulletin["figures"]["cases"]
    for number, case in enumerate(cases):
        case["pairs"] = [{
            side: {"photo_id": "p", "sha256": f"{2 * number + at:064x}", "captured_at": None}
            for at, side in enumerate(("before", "after"))
        }]
    bulletin["words"]["cases"] = [case["issue_id"] for case in cases]
    return bulletin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3000)
    asked = parser.parse_args()
    pictures = [jpeg(1600, 1200, seed=number, noise=0.05) for number in range(48)]
    for form, told in measured(with_48_photos(asked.rows), lambda sha256: pictures[int(sha256, 16) % 48]).items():
        print(f"{form}, {asked.rows} rows, 48 photos: " + ", ".join(f"{name} {value:.2f}" for name, value in told.items()))


if __name__ == "__main__":
    main()
