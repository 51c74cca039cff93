"""What comes in as a photo: decided by content, cheaply, and never at the cost of evidence."""

from __future__ import annotations

import io
import os
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from server.kit import images
from tests import photos
from tests.effort import calls

PHOTOS: dict[str, tuple[Callable[..., bytes], str]] = {
    "a JPEG": (photos.jpeg, "image/jpeg"),
    "an MPO": (photos.mpo, "image/jpeg"),
    "an Ultra HDR": (photos.ultra_hdr, "image/jpeg"),
    "a motion photo": (photos.motion_photo, "image/jpeg"),
    "a Samsung with its trailer": (photos.samsung, "image/jpeg"),
    "a PNG": (photos.png, "image/png"),
    "a WebP": (photos.webp, "image/webp"),
    "an AVIF": (photos.avif, "image/avif"),
    "a HEIC": (photos.heic, "image/heic"),
}


@pytest.fixture
def put(tmp_path: Path) -> Callable[[bytes], Path]:
    """Write bytes under a name that says nothing of what they are."""

    def write(content: bytes) -> Path:
        path = tmp_path / "upload.bin"
        path.write_bytes(content)
        return path

    return write


def refusal(path: Path, **limits: int) -> str:
    with pytest.raises(images.Refused) as caught:
        images.sniff(path, **limits)
    return caught.value.code


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("evil.js", "alert(1)")
    return out.getvalue()


@pytest.mark.parametrize("name", PHOTOS)
def test_what_phones_write_comes_in(name: str, put: Callable[[bytes], Path]) -> None:
    make, media_type = PHOTOS[name]
    found = images.sniff(put(make(320, 200, seed=5, orientation=6)))
    assert found == images.Sniffed(media_type, 320, 200)


@pytest.mark.parametrize("lossless", [False, True])
def test_each_kind_of_webp_has_its_size(lossless: bool, put: Callable[[bytes], Path]) -> None:
    plain = images.sniff(put(photos.webp(123, 45, lossless=lossless)))
    extended = images.sniff(put(photos.webp(123, 45, lossless=lossless, make="Xiaomi")))
    assert (plain.width, plain.height) == (extended.width, extended.height) == (123, 45)


def test_the_name_of_a_brand_does_not_make_a_video_a_photo(put: Callable[[bytes], Path]) -> None:
    video = struct.pack(">L4s4sL", 32, b"ftyp", b"isom", 0) + b"isommp42heicmif1" + bytes(64)
    assert refusal(put(video)) == "unsupported-media-type"


def test_a_live_picture_with_a_still_in_it_is_a_photo(put: Callable[[bytes], Path]) -> None:
    photo = bytearray(photos.heic(64, 64))
    photo[8:12] = b"msf1"
    assert images.sniff(put(bytes(photo))).media_type == "image/heic"


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "BMP", "PDF", "ICO", "PPM"])
def test_other_pictures_are_refused_by_content(kind: str, put: Callable[[bytes], Path]) -> None:
    out = io.BytesIO()
    photos.scene(32, 32).save(out, kind)
    assert refusal(put(out.getvalue())) == "unsupported-media-type"


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"RIFF"]
)
def test_what_is_no_picture_is_refused(content: bytes, put: Callable[[bytes], Path]) -> None:
    assert refusal(put(content)) == "unsupported-media-type"


def noise(size: int) -> bytes:
    """What packed bytes look like; the same each time."""
    return random.Random(size).randbytes(size)


HOSTILE = {
    "a ZIP behind a JPEG": lambda: photos.jpeg(64, 64) + archive(),
    "a ZIP and rubbish behind a PNG": lambda: photos.png(64, 64) + archive() + bytes(500),
    "a ZIP behind a HEIC": lambda: photos.heic(64, 64) + archive(),
    "a page in a JPEG's comment": lambda: photos.with_segment(
        photos.jpeg(64, 64), 0xFE, b"<HTML><body onload=alert(1)>"
    ),
    "a page behind a WebP": lambda: photos.webp(64, 64) + b"<!DOCTYPE html><p>hello",
    "a script behind a JPEG": lambda: photos.jpeg(64, 64) + b"<script>alert(1)</script>",
    "PHP in a JPEG's comment": lambda: photos.with_segment(photos.jpeg(64, 64), 0xFE, b"<?php system('id'); ?>"),
    "an SVG behind a PNG": lambda: photos.png(64, 64) + b'<svg xmlns="http://www.w3.org/2000/svg">',
    "a PDF that begins in the comment": lambda: photos.with_segment(photos.jpeg(64, 64), 0xFE, b"%PDF-1.7\n1 0 obj"),
    "a RAR behind a JPEG": lambda: photos.jpeg(64, 64) + b"Rar!\x1a\x07\x01\x00" + noise(3_000),
    "a large RAR behind a JPEG": lambda: photos.jpeg(64, 64) + b"Rar!\x1a\x07\x00" + noise(3_000_000),
    "a large 7z behind a PNG": lambda: photos.png(64, 64) + b"7z\xbc\xaf\x27\x1c\x00\x04" + noise(900_000),
    "a large 7z across two reads": lambda: (
        photos.jpeg(64, 64, size=2**20 - 3) + b"7z\xbc\xaf\x27\x1c\x00\x04" + noise(900_000)
    ),
    "a large 7z behind a WebP": lambda: photos.webp(64, 64) + b"7z\xbc\xaf\x27\x1c\x00\x04" + noise(900_000),
    "a large RAR behind a HEIC": lambda: photos.heic(64, 64) + b"Rar!\x1a\x07\x01\x00" + noise(900_000),
    "a PDF behind a JPEG": lambda: photos.jpeg(64, 64) + b"%PDF-1.4\n" + bytes(2000) + b"startxref\n9\n%%EOF\n",
    "a JPEG whose length opens a script's comment": lambda: (
        b"\xff\xd8\xff\xe0/*" + bytes(0x2F2A - 2) + photos.jpeg(64, 64)[2:] + b"*/=alert(1)"
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_photo_that_is_also_something_else_is_refused(name: str, put: Callable[[bytes], Path]) -> None:
    assert refusal(put(HOSTILE[name]())) == "polyglot-refused"


def test_noise_is_never_taken_for_an_archive_or_a_page(put: Callable[[bytes], Path]) -> None:
    """The two-letter and four-byte marks of ZIP come up in honest photos; alone they mean nothing."""
    photo = photos.jpeg(64, 64) + b"PK\x05\x06" + bytes(40) + b"PK\x01\x02 <htmlx <scripture> %%EOF %PDF"
    assert images.sniff(put(photo)).media_type == "image/jpeg"


def claimed_png(width: int, height: int) -> bytes:
    head = b"IHDR" + struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    body = struct.pack(">L", 13) + head + struct.pack(">L", zlib.crc32(head))
    return b"\x89PNG\r\n\x1a\n" + body + photos.png(8, 8)[33:]


def test_a_bomb_is_known_by_its_header(put: Callable[[bytes], Path]) -> None:
    assert refusal(put(claimed_png(60_000, 60_000))) == "bomb-refused"
    jpeg = photos.jpeg(16, 16, make=None, model=None)
    at = jpeg.index(b"\xff\xc0") + 5
    assert refusal(put(jpeg[:at] + b"\xff\xff\xff\xff" + jpeg[at + 4 :])) == "bomb-refused"


def test_too_many_pixels_or_bytes_is_too_large(put: Callable[[bytes], Path]) -> None:
    path = put(photos.jpeg(640, 480, noise=0.3))
    assert refusal(path, max_pixels=640 * 480 - 1) == "image-too-large"
    assert refusal(path, max_bytes=path.stat().st_size - 1) == "image-too-large"
    assert images.sniff(path, max_pixels=640 * 480, max_bytes=path.stat().st_size).width == 640


@pytest.mark.parametrize("name", PHOTOS)
def test_a_photo_cut_anywhere_is_kept_as_it_is(name: str, put: Callable[[bytes], Path]) -> None:
    make, media_type = PHOTOS[name]
    whole = make(160, 120)
    unreadable = 0
    for length in sorted({*range(32, 700, 9), *range(700, len(whole), max(1, len(whole) // 60))}):
        found = images.sniff(put(whole[:length]))
        assert found.media_type == media_type
        assert found.unreadable == (found.width is None) == bool(found.reason)
        unreadable += found.unreadable
    assert unreadable or media_type in ("image/png", "image/webp")  # theirs stands in the first 30 bytes


def test_a_broken_head_is_unreadable_and_not_refused(put: Callable[[bytes], Path]) -> None:
    jpeg = photos.jpeg(64, 64, make=None, model=None)
    at = jpeg.index(b"\xff\xc0") + 5
    without_height = jpeg[:at] + b"\0\0" + jpeg[at + 2 :]
    assert images.sniff(put(without_height)) == images.Sniffed("image/jpeg", None, None, True, "no-dimensions")
    assert images.sniff(put(b"\xff\xd8\xff\xe1" + bytes(9000))).reason == "no-frame-header"
    assert images.sniff(put(b"\x89PNG\r\n\x1a\n" + bytes(100))).reason == "no-frame-header"
    assert images.sniff(put(b"RIFF\x40\0\0\0WEBPVP9 " + bytes(100))).reason == "no-frame-header"


@pytest.mark.parametrize("name", ["a JPEG", "a PNG", "a HEIC"])
def test_judging_a_large_photo_reads_little_of_it(
    name: str, put: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    pread = os.pread

    def counted(file: int, count: int, offset: int) -> bytes:
        got = pread(file, count, offset)
        read.append(len(got))
        return got

    monkeypatch.setattr(os, "pread", counted)
    large = photos.jpeg(1600, 1200, noise=0.1, size=3_000_000)
    path = put(large if name == "a JPEG" else PHOTOS[name][0](1600, 1200, noise=0.5))
    assert path.stat().st_size > 1_000_000
    assert calls(lambda: images.sniff(path)) < 1_000
    assert sum(read) < 500_000


def test_the_sample_photos_are_the_same_for_a_seed_and_different_for_two() -> None:
    for make, _ in PHOTOS.values():
        assert make(96, 64, seed=1) == make(96, 64, seed=1)
        assert len({make(96, 64, seed=seed) for seed in range(6)}) == 6
    assert len(photos.jpeg(96, 64, size=3_145_728)) == 3_145_728
    assert Image.open(io.BytesIO(photos.jpeg(96, 64, size=200_000))).size == (96, 64)
