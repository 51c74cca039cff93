"""Photos with all that a phone can tell in them, and what a file that goes out still tells."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

from PIL import Image

from tests import photos

LAT, LNG = 37.870123, 112.550456
SECRET = b"lao-wang-was-here"
OF_PHOTOS = (b"Exif\x00\x00", SECRET, photos.HUAWEI.encode(), b"Photoshop 3.0")
TRACES = (*OF_PHOTOS[:3], b"http://ns.adobe.com", b"<x:xmpmeta", *OF_PHOTOS[3:])


def telling(seed: int = 1, *, width: int = 1200, height: int = 900, orientation: int = 1) -> bytes:
    """EXIF with time, place and camera, XMP with a name in it, and a comment."""
    packet = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"
    plain = photos.jpeg(
        width, height, seed=seed, exif_at=datetime(2026, 11, 20, 9, 15), gps=(LAT, LNG), orientation=orientation,
        comment=SECRET,
    )
    return photos.with_segment(plain, 0xE1, packet)


def tells_nothing(data: bytes) -> None:
    """No metadata in these bytes, whatever they are; of a picture also by the eyes of a library."""
    found = [trace for trace in TRACES if trace in data]
    assert not found, found
    if data[:2] == b"\xff\xd8":
        with Image.open(io.BytesIO(data)) as picture:
            assert not picture.getexif()
            assert not set(picture.info) & {"exif", "xmp", "comment", "photoshop", "icc_profile"}, picture.info


def media(package: bytes) -> list[bytes]:
    """The pictures in a DOCX, XLSX or ZIP."""
    with zipfile.ZipFile(io.BytesIO(package)) as parts:
        return [parts.read(name) for name in parts.namelist() if name.lower().endswith((".jpg", ".jpeg", ".png"))]
