"""Whether a file may come in as a photo, judged by its first and last bytes alone, in the web process."""

from dataclasses import dataclass
from pathlib import Path

from .header import read_header
from .polyglot import polyglot
from .window import Window

MAX_PIXELS = 200_000_000
MAX_BYTES = 50 * 1024 * 1024
# Pixels per byte beyond which a size is a lie rather than a picture: an even blue 200-megapixel JPEG has 85.
_BOMB_DENSITY = 400


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """The file is not taken in. `code`: unsupported-media-type, image-too-large, polyglot-refused, bomb-refused."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What was found. Sizes in pixels as stored, before turning; both None where `unreadable`, with the `reason`."""

    media_type: str
    width: int | None
    height: int | None
    unreadable: bool = False
    reason: str = ""


def sniff(path: str | Path, *, max_pixels: int = MAX_PIXELS, max_bytes: int = MAX_BYTES) -> Sniffed:
    """Judge a file by its content; raises Refused, and OSError where the file cannot be read.

    A damaged picture is evidence and is not refused: it comes back `unreadable` where its header is beyond reading.
    Damage behind the header shows when the renditions are made.
    """
    with Window(path) as window:
        header = read_header(window)
        if header is None:
            raise Refused("unsupported-media-type", "not a JPEG, PNG, WebP, HEIC or AVIF picture")
        if window.size > max_bytes:
            raise Refused("image-too-large", f"{window.size} bytes, at most {max_bytes}")
        pixels = (header.width or 0) * (header.height or 0)
        if pixels > max_pixels:
            lie = pixels > _BOMB_DENSITY * window.size
            said = f"{header.width} × {header.height} in {window.size} bytes, at most {max_pixels} pixels"
            raise Refused("bomb-refused" if lie else "image-too-large", said)
        other = polyglot(window)
        if other:
            raise Refused("polyglot-refused", f"a picture and {other} in one file")
        return Sniffed(header.media_type, header.width, header.height, bool(header.reason), header.reason)
