"""Sample photos made on the spot: real files of every format, the same bytes for the same arguments."""

from __future__ import annotations

import functools
import io
import random
import struct
from datetime import datetime
from fractions import Fraction
from typing import Any

import pillow_heif
from PIL import ExifTags, Image, ImageChops, ImageDraw

HUAWEI, MODEL = "HUAWEI", "ALN-AL00"
CORNERS = {"top left": "red", "top right": "lime", "bottom right": "blue", "bottom left": "yellow"}


def jpeg(
    width: int = 640,
    height: int = 480,
    *,
    exif_at: datetime | None = None,
    gps: tuple[float, float] | None = None,
    orientation: int = 1,
    make: str | None = HUAWEI,
    model: str | None = MODEL,
    seed: int = 0,
    noise: float = 0.0,
    quality: int = 85,
    size: int | None = None,
    **save: Any,
) -> bytes:
    """A baseline JPEG as a phone writes it. `width`, `height` are the stored pixels, before turning.

    `exif_at` is the camera's clock (an aware one also writes its offset), `gps` is (lat, lng) in degrees. `noise`
    from 0 to 1 gives fine grain (0.1 at quality 90 makes 12 megapixels about 4 MB); `size` fills the file up to that
    many bytes. Two seeds never give the same bytes. `make=None, model=None` with no other fact means no EXIF.
    """
    exif = exif_of(exif_at, gps, orientation, make, model)
    save = {"quality": quality, "comment": f"sample {seed}"} | save
    return padded(_saved(scene(width, height, seed, noise), "JPEG", exif, **save), size, seed)


def png(width: int = 640, height: int = 480, *, seed: int = 0, noise: float = 0.0, **facts: Any) -> bytes:
    """A PNG, with an eXIf chunk where `facts` (exif_at, gps, orientation, make, model) are given."""
    return _saved(scene(width, height, seed, noise), "PNG", exif_of(**facts))


def webp(width: int = 640, height: int = 480, *, seed: int = 0, lossless: bool = False, **facts: Any) -> bytes:
    """A WebP."""
    return _saved(scene(width, height, seed), "WEBP", exif_of(**facts), lossless=lossless)


def avif(width: int = 640, height: int = 480, *, seed: int = 0, **facts: Any) -> bytes:
    """An AVIF; an orientation is written as the box, as the format demands."""
    return _saved(scene(width, height, seed), "AVIF", exif_of(**facts), speed=10)


def heic(width: int = 640, height: int = 480, *, seed: int = 0, noise: float = 0.0, **facts: Any) -> bytes:
    """A HEIC as an iPhone writes it: an orientation stands in the box and in EXIF."""
    return heic_of(scene(width, height, seed, noise), exif_of(**facts))


def mpo(width: int = 640, height: int = 480, *, seed: int = 0, **facts: Any) -> bytes:
    """Two JPEGs in one file, the second a small one, joined by an MPF table."""
    second = scene(max(1, width // 4), max(1, height // 4), seed + 1)
    return _saved(scene(width, height, seed), "MPO", exif_of(**facts), save_all=True, append_images=[second])


def ultra_hdr(width: int = 640, height: int = 480, *, seed: int = 0, **facts: Any) -> bytes:
    """A JPEG with a gain map behind it and the XMP that says so."""
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    xmp += b'<rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"/>'
    packet = b"http://ns.adobe.com/xap/1.0/\0" + xmp + b"</rdf:RDF></x:xmpmeta>"
    gain_map = _saved(scene(max(1, width // 4), max(1, height // 4), seed).convert("L"), "JPEG", None)
    return with_segment(jpeg(width, height, seed=seed, **facts), 0xE1, packet) + gain_map


def motion_photo(width: int = 640, height: int = 480, *, seed: int = 0, **facts: Any) -> bytes:
    """A JPEG with its two seconds of MP4 behind it, and the trailer a HUAWEI phone ends it with."""
    frames = random.Random(seed).randbytes(200_000)
    movie = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + struct.pack(">L", len(frames) + 8) + b"mdat" + frames
    return jpeg(width, height, seed=seed, **facts) + movie + b"v3_f31              0:0                 LIVE_8365     "


def samsung(width: int = 640, height: int = 480, *, seed: int = 0, **facts: Any) -> bytes:
    """A JPEG with Samsung's own trailer."""
    name = b"Image_UTC_Data1690000000000"
    block = struct.pack("<HHL", 0, 0x0A01, len(name)) + name
    head = b"SEFH" + struct.pack("<LL", 106, 1) + struct.pack("<HHLL", 0, 0x0A01, len(block), len(block))
    return jpeg(width, height, seed=seed, **facts) + block + head + struct.pack("<L", len(head)) + b"SEFT"


def scene(width: int, height: int, seed: int = 0, noise: float = 0.0) -> Image.Image:
    """Something to look at: soft ground, boxes and frames, grain; two seeds give pictures unlike each other."""
    dice = random.Random(seed)
    ground = Image.frombytes("RGB", (7, 6), dice.randbytes(7 * 6 * 3))
    image = ground.resize((width, height), Image.Resampling.BILINEAR)
    draw = ImageDraw.Draw(image)
    for _ in range(24):
        left, top = dice.randrange(width), dice.randrange(height)
        box = (left, top, dice.randrange(left, width), dice.randrange(top, height))
        colour = (dice.randrange(256), dice.randrange(256), dice.randrange(256))
        if dice.random() < 0.5:
            draw.rectangle(box, outline=colour, width=max(1, width // 200))
        else:
            draw.rectangle((left, top, (left + box[2]) // 2, (top + box[3]) // 2), fill=colour)
    return _grained(image, seed, noise) if noise else image


def corners(width: int = 64, height: int = 48) -> Image.Image:
    """Four quarters, each of one colour as in CORNERS: which way up it stands can be read off it."""
    image = Image.new("RGB", (width, height), CORNERS["top left"])
    across, down = width // 2, height // 2
    image.paste(CORNERS["top right"], (across, 0, width, down))
    image.paste(CORNERS["bottom right"], (across, down, width, height))
    image.paste(CORNERS["bottom left"], (0, down, across, height))
    return image


def exif_of(
    exif_at: datetime | None = None,
    gps: tuple[float, float] | None = None,
    orientation: int = 1,
    make: str | None = None,
    model: str | None = None,
    altitude: float | None = None,
) -> Image.Exif | None:
    """EXIF with these facts, None with none; `altitude` is in metres, negative below the sea."""
    exif = Image.Exif()
    first = {ExifTags.Base.Make: make, ExifTags.Base.Model: model}
    exif.update({tag: value for tag, value in first.items() if value})
    if orientation != 1:
        exif[ExifTags.Base.Orientation] = orientation
    camera = exif.get_ifd(ExifTags.IFD.Exif)
    if exif_at is not None:
        camera[ExifTags.Base.DateTimeOriginal] = f"{exif_at:%Y:%m:%d %H:%M:%S}"
        if exif_at.microsecond:
            camera[ExifTags.Base.SubsecTimeOriginal] = f"{exif_at.microsecond // 1000:03}"
        if exif_at.tzinfo is not None:
            written = f"{exif_at:%z}"
            camera[ExifTags.Base.OffsetTimeOriginal] = f"{written[:3]}:{written[3:5]}"
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    if gps is not None:
        place.update(_gps(gps, altitude))
    return exif if len(exif) or camera or place else None


def heic_of(image: Image.Image, exif: Image.Exif | None = None, quality: int = 60) -> bytes:
    """Any picture as HEIC."""
    out = io.BytesIO()
    options: dict[str, Any] = {"exif": exif.tobytes()} if exif else {}
    pillow_heif.from_pillow(image).save(out, quality=quality, enc_params={"preset": "ultrafast"}, **options)
    return out.getvalue()


def with_segment(photo: bytes, marker: int, payload: bytes) -> bytes:
    """A JPEG with one more segment right after its first marker."""
    return photo[:2] + struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload + photo[2:]


def padded(photo: bytes, size: int | None, seed: int = 0) -> bytes:
    """A JPEG filled up to exactly `size` bytes with segments that readers skip; unchanged where it is larger."""
    dice, filling = random.Random(seed), b""
    while size is not None and (room := size - len(photo) - len(filling) - 4) >= 0:
        length = room if room <= 65_000 else min(65_000, room - 4)  # never leave too little for one more segment
        filling += struct.pack(">BBH", 0xFF, 0xEB, length + 2) + dice.randbytes(length)
    return photo[:2] + filling + photo[2:]


def _saved(image: Image.Image, kind: str, exif: Image.Exif | None, **options: Any) -> bytes:
    out = io.BytesIO()
    if exif is not None:
        options["exif"] = exif.tobytes()
    image.save(out, kind, **options)
    return out.getvalue()


@functools.lru_cache(maxsize=4)
def _grain(seed: int, noise: float) -> Image.Image:
    strength = [round(128 + (i - 128) * noise) for i in range(256)]
    return Image.frombytes("RGB", (512, 512), random.Random(seed).randbytes(512 * 512 * 3)).point(strength * 3)


def _grained(image: Image.Image, seed: int, noise: float) -> Image.Image:
    tile, grain = _grain(seed, noise), Image.new("RGB", image.size)
    for left in range(0, image.width, tile.width):
        for top in range(0, image.height, tile.height):
            grain.paste(tile, (left, top))
    return ImageChops.add(image, grain, offset=-128)


def _gps(position: tuple[float, float], altitude: float | None) -> dict[int, Any]:
    lat, lng = position
    out: dict[int, Any] = {
        ExifTags.GPS.GPSLatitudeRef: "S" if lat < 0 else "N",
        ExifTags.GPS.GPSLatitude: _degrees(abs(lat)),
        ExifTags.GPS.GPSLongitudeRef: "W" if lng < 0 else "E",
        ExifTags.GPS.GPSLongitude: _degrees(abs(lng)),
    }
    if altitude is not None:
        out[ExifTags.GPS.GPSAltitudeRef] = b"\1" if altitude < 0 else b"\0"
        out[ExifTags.GPS.GPSAltitude] = Fraction(abs(altitude)).limit_denominator(100)
    return out


def _degrees(value: float) -> tuple[Fraction, Fraction, Fraction]:
    parts = round(value * 36_000_000)  # ten-thousandths of a second
    return Fraction(parts // 36_000_000), Fraction(parts % 36_000_000 // 600_000), Fraction(parts % 600_000, 10_000)
