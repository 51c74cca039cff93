"""Draws a stamp on a copy of the preview: white letters with a dark edge on a darkened strip along the foot.

The strip never takes more than a quarter of the picture. Where that leaves no room for letters that can be read (a small
picture, a panorama), the strip is put below the picture and covers nothing of it.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from server.evidence.stamping import glyphs
from server.kit.images.pixels import as_jpeg

VERSION = 1  # raise it when stamps are drawn otherwise
QUALITY = 80
_SHARE = 4  # the strip is at most one part in so many
_LARGEST, _SMALLEST = 40, 13  # pixels of the letters
_GOOD = 0.7  # of the largest letters: smaller ones only where one flow is no larger
_NARROWEST = 480  # pixels of a strip below the picture
_LEADING, _PADDING = 1.32, 0.6  # in parts of the letters' size
_SHADE = 150  # of 255: how dark the strip is
_WHITE, _EDGE, _BELOW = (255, 255, 255), (0, 0, 0), (24, 28, 33)
_GAP = " · "
_NEVER_FIRST = frozenset("，。、；：！？）》」』】°,.;:!?)%")


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that fit, at a size."""

    size: int
    lines: list[str]

    @property
    def height(self) -> int:
        return round(self.size * (_LEADING * len(self.lines) + 2 * _PADDING))


def stamped(plain: bytes, lines: Sequence[str]) -> bytes:
    """The stamped copy of a preview of ours, as a JPEG that says nothing but the picture."""
    with Image.open(io.BytesIO(plain), formats=("JPEG",)) as opened:
        picture = opened.convert("RGB")
    said = [line for line in map(glyphs.printable, lines) if line]
    block = _within(said, picture.width, picture.height // _SHARE)
    if block is not None:
        top = picture.height - block.height
        strip = picture.crop((0, top, picture.width, picture.height))
        picture.paste(Image.blend(strip, Image.new("RGB", strip.size, _EDGE), _SHADE / 255), (0, top))
    else:
        wide, top = max(picture.width, _NARROWEST), picture.height
        block = _Block(_SMALLEST + 3, _wrapped(said, _SMALLEST + 3, wide))
        larger = Image.new("RGB", (wide, top + block.height), _BELOW)
        larger.paste(picture, ((wide - picture.width) // 2, 0))
        picture = larger
    _write(picture, block, top)
    return as_jpeg(picture, QUALITY)


def _within(lines: Sequence[str], width: int, height: int) -> _Block | None:
    """The largest letters with which the lines fit: each on its own, which reads best, unless that makes them much
    smaller than all in one flow would be. None where they would be too small to be read."""
    largest = min(_LARGEST, max(_SMALLEST, round(math.sqrt(width * height * _SHARE) / 34)))
    good = max(_SMALLEST, round(largest * _GOOD))
    tries = (
        *((size, lines) for size in range(largest, good - 1, -1)),
        *((size, [_GAP.join(lines)]) for size in range(largest, _SMALLEST - 1, -1)),
    )
    for size, some in tries:
        block = _Block(size, _wrapped(some, size, width))
        if block.height <= height and all(glyphs.width_of(line, size) <= width for line in block.lines):
            return block
    return None


def _wrapped(lines: Sequence[str], size: int, width: int) -> list[str]:
    room = width - 2 * size * _PADDING
    return [part for line in lines for part in _broken(line, size, room)]


def _broken(line: str, size: int, room: float) -> list[str]:
    """Broken at spaces, between Chinese characters, and where nothing else helps in the middle of a word."""
    found, held = [], ""
    for word in _words(line):
        if glyphs.width_of((held + word).rstrip(), size) <= room:
            held += word
            continue
        if held.strip():
            found.append(held.rstrip())
        held = word.lstrip()
        while glyphs.width_of(held.rstrip(), size) > room and len(held) > 1:
            cut, taken = 1, glyphs.width_of(held[0], size)
            while cut < len(held) and (taken := taken + glyphs.width_of(held[cut], size)) <= room:
                cut += 1
            found.append(held[:cut])
            held = held[cut:]
    return [*found, held.rstrip()] if held.strip() else found


def _words(line: str) -> list[str]:
    """Pieces that are not broken if it can be helped: a Latin word, a Chinese character with what must follow it."""
    words: list[str] = []
    for letter in line:
        joins = words and letter in _NEVER_FIRST
        latin = words and ord(letter) < 0x2E80 and ord(words[-1][-1]) < 0x2E80 and not words[-1][-1].isspace()
        if joins or latin:
            words[-1] += letter
        else:
            words.append(letter)
    return words


def _write(picture: Image.Image, block: _Block, top: int) -> None:
    pen, edge = ImageDraw.Draw(picture), max(1, block.size // 14)
    y = top + block.size * _PADDING
    for line in block.lines:
        x = block.size * _PADDING
        for run in glyphs.runs(line, block.size):
            pen.text(
                (x, y + block.size), run.text, font=run.font, fill=_WHITE, stroke_width=edge, stroke_fill=_EDGE, anchor="ls",
            )
            x += run.width
        y += block.size * _LEADING
