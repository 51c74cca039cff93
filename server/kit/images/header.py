"""What the first bytes say: which format a file is and how large its picture, by our own reading alone."""

from dataclasses import dataclass

from . import bmff, jpeg, riff
from . import png as png_format
from .window import Window


@dataclass(frozen=True, slots=True)
class Header:
    """The picture as its header describes it; width and height are the stored ones, in pixels."""

    media_type: str
    decoder: str  # Pillow's name of the one plugin that may open it
    width: int | None = None
    height: int | None = None
    orientation: int = 1  # what HEIC and AVIF say outside EXIF, as an EXIF number
    memory_per_pixel: float = 4.0  # bytes a full decode takes, measured for each format
    scalable: bool = False  # libjpeg can decode it at 1/2, 1/4, 1/8 without holding the whole
    reason: str = ""  # why there are no dimensions


def read_header(window: Window) -> Header | None:
    """The header of an accepted format, or None for anything else; broken headers come with a `reason`."""
    start = window.at(0, 32)
    if start.startswith(b"\xff\xd8\xff"):
        return _jpeg(window)
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(window)
    if start.startswith(b"RIFF") and start[8:12] == b"WEBP":
        return _webp(window)
    media_type = bmff.still_type(window)
    return _bmff(window, media_type) if media_type else None


def read_exif(window: Window, header: Header) -> bytes | None:
    """The EXIF block (a small TIFF, "Exif\\0\\0" removed) of a file of that header; None where there is none."""
    if header.decoder == "JPEG":
        raw = jpeg.exif(window)
    elif header.decoder == "PNG":
        raw = png_format.exif(window)
    elif header.decoder == "WEBP":
        raw = riff.exif(window)
    else:
        raw = bmff.exif(window)
    return raw.removeprefix(b"Exif\0\0") if raw else None


def _jpeg(window: Window) -> Header:
    frame = jpeg.frame(window)
    if isinstance(frame, str):
        return Header("image/jpeg", "JPEG", reason=frame)
    # Progressive (and any JPEG in more than one scan) keeps every coefficient, 2 bytes each, until the last scan.
    per_pixel = 4.0 if frame.one_scan else 2.0 * frame.samples_per_pixel
    return Header("image/jpeg", "JPEG", frame.width, frame.height, 1, per_pixel, frame.one_scan)


def _png(window: Window) -> Header:
    picture = png_format.dimensions(window)
    if isinstance(picture, str):
        return Header("image/png", "PNG", reason=picture)
    return Header("image/png", "PNG", picture.width, picture.height, 1, picture.memory_per_pixel)


def _webp(window: Window) -> Header:
    size = riff.dimensions(window)
    if isinstance(size, str):
        return Header("image/webp", "WEBP", reason=size)
    # Pillow reads WebP through the animation decoder: RGBA canvases and their copies beside its own picture.
    return Header("image/webp", "WEBP", *size, memory_per_pixel=16.0)


def _bmff(window: Window, media_type: str) -> Header:
    decoder = "AVIF" if media_type == "image/avif" else "HEIF"
    picture = bmff.primary(window)
    if isinstance(picture, str):
        return Header(media_type, decoder, reason=picture)
    per_pixel = 11.0 if decoder == "AVIF" else 7.0
    return Header(media_type, decoder, picture.width, picture.height, picture.orientation, per_pixel)
