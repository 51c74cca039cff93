"""Renditions a second on one core: our path (child process, limits, fsync) against bare Pillow in the same run.

    python -m bench.images [--quick]

Both make 1600 px and 320 px of a grainy 12-megapixel baseline JPEG, upright, progressive, at quality 80 and 75. Rounds
of the two alternate, so that a busy machine slows both; the middle round of each counts.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageOps

from server.kit import images
from tests import photos


def bare(source: Path, folder: Path) -> None:
    """What a few lines of Pillow do: draft, thumbnail, turn, save, and the same again smaller."""
    with Image.open(source) as image:
        image.draft("RGB", (1600, 1200))
        image.thumbnail((1600, 1600))
        upright = ImageOps.exif_transpose(image)
    upright.save(folder / "bare-preview.jpg", quality=80, progressive=True)
    upright.thumbnail((320, 320))
    upright.save(folder / "bare-thumb.jpg", quality=75, progressive=True)


def seconds(work: Callable[[], object], times: int) -> float:
    """Seconds for one piece of work, over `times` of them."""
    start = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - start) / times


def main() -> None:
    """Print both figures, their ratio, and the child's peak memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="3 rounds of 5 photos instead of 9 rounds of 10")
    rounds, each = (3, 5) if parser.parse_args().quick else (9, 10)
    if hasattr(os, "sched_setaffinity"):  # one core for both, so that nothing is gained by a second process
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    children = images.Children(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "photo.jpg"
        source.write_bytes(photos.jpeg(4000, 3000, noise=0.12, quality=90, orientation=6, gps=(37.87, 112.55)))
        result = images.make_renditions(source, folder, children=children)
        assert result.preview is not None, result
        assert (result.preview.width, result.preview.height) == (1200, 1600), result
        ours, theirs = [], []
        for _ in range(rounds):
            ours.append(seconds(lambda: images.make_renditions(source, folder, children=children), each))
            theirs.append(seconds(lambda: bare(source, folder), each))
        sniffed = seconds(lambda: images.sniff(source), 200)
        facts = seconds(lambda: images.read_facts(source), 200)
        size = source.stat().st_size
    children.close()
    mine, bare_pillow = statistics.median(ours), statistics.median(theirs)
    print(f"photo          12 Mpx baseline JPEG, {size / 1e6:.1f} MB")
    print(f"ours           {1 / mine:.2f} photos/s/core ({mine * 1000:.1f} ms)")
    print(f"bare Pillow    {1 / bare_pillow:.2f} photos/s/core ({bare_pillow * 1000:.1f} ms)")
    print(f"ratio          {bare_pillow / mine:.2f} (over 1: ours is faster)")
    print(f"peak memory    {result.peak_bytes >> 20} MiB of the child")
    print(f"sniff, facts   {sniffed * 1000:.2f} ms, {facts * 1000:.2f} ms")


if __name__ == "__main__":
    main()
