"""The largest photos that are taken in, 200 megapixels, measured in the child: `pytest tests/torture -n0`."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from server.kit import images
from tests import photos

WIDTH, HEIGHT = 20_000, 10_000
LIGHT, HEAVY = 400 << 20, 1500 << 20


@pytest.fixture
def decoders() -> Iterator[images.Children]:
    pool = images.Children(2)
    yield pool
    pool.close()


def large(kind: str, mode: str = "RGB", **options: Any) -> bytes:
    """200 megapixels from dark to light; quick to make because every row is like its neighbour."""
    shade = Image.linear_gradient("L").resize((WIDTH, HEIGHT), Image.Resampling.NEAREST)
    out = io.BytesIO()
    shade.convert(mode).save(out, kind, **options)
    return out.getvalue()


CASES: dict[str, tuple[str, dict[str, Any], int]] = {
    "baseline": ("JPEG", {}, LIGHT),
    "baseline, lying on its side": ("JPEG", {"exif": photos.exif_of(orientation=6)}, LIGHT),
    "baseline in CMYK": ("JPEG", {"mode": "CMYK"}, LIGHT),
    "progressive": ("JPEG", {"progressive": True}, HEAVY),
    "progressive with full colour": ("JPEG", {"progressive": True, "subsampling": 0}, HEAVY),
    "PNG": ("PNG", {"compress_level": 1}, HEAVY),
    "PNG with alpha": ("PNG", {"compress_level": 1, "mode": "RGBA"}, HEAVY),
}


@pytest.mark.parametrize("name", CASES)
def test_two_hundred_megapixels_stay_within_memory(name: str, tmp_path: Path, decoders: images.Children) -> None:
    kind, options, most = CASES[name]
    source = tmp_path / "photo"
    source.write_bytes(large(kind, **options))
    start = time.perf_counter()
    result = images.make_renditions(source, tmp_path, children=decoders)
    print(f"{name}: {result.peak_bytes >> 20} MiB, {time.perf_counter() - start:.2f} s")  # noqa: T201
    assert (result.state, result.detail) == ("made", "")
    assert result.preview is not None
    assert max(result.preview.width, result.preview.height) == 1600
    assert result.peak_bytes < most


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_what_has_no_cheap_decode_is_left_with_a_reason(kind: str, tmp_path: Path, decoders: images.Children) -> None:
    source = tmp_path / "photo"
    small = photos.webp(64, 48) if kind == "WEBP" else photos.avif(64, 48)
    source.write_bytes(small)
    assert images.make_renditions(source, tmp_path, children=decoders).state == "made"
    if kind == "WEBP":  # 16,000 × 12,000 written into the header of a small one; decoding is never begun
        photo = bytearray(photos.webp(64, 48, make="Xiaomi"))
        photo[24:30] = (15_999).to_bytes(3, "little") + (11_999).to_bytes(3, "little")
    else:
        photo = bytearray(small)
        at = photo.index(b"ispe") + 8
        photo[at : at + 8] = (16_000).to_bytes(4, "big") + (12_000).to_bytes(4, "big")
    source.write_bytes(bytes(photo) + bytes(500_000))
    result = images.make_renditions(source, tmp_path, children=decoders)
    assert (result.state, result.reason) == ("not_made", "needs-too-much-memory")


def test_large_pictures_are_decoded_one_at_a_time(tmp_path: Path, decoders: images.Children) -> None:
    source = tmp_path / "photo"
    source.write_bytes(large("PNG", compress_level=1))
    spans: list[tuple[float, float]] = []

    def one(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        assert images.make_renditions(source, folder, children=decoders).state == "made"
        preview = (folder / "preview.jpg").stat()
        spans.append((start, preview.st_mtime))

    start = time.time()
    single = time.perf_counter()
    one(0)
    single = time.perf_counter() - single
    start = time.time()
    threads = [threading.Thread(target=one, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ends = sorted(end for _, end in spans[1:])
    assert ends[1] - ends[0] > 0.6 * single  # the second began when the first had ended
