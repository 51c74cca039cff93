"""The print of a picture: 128 bits of its middle that survive saving again, other sizes, other light and a caption.

The bits are the signs of the lowest waves (DCT) of the middle four fifths of width and height. The rim is left out
because it is what a cut takes away and where a caption stands. A picture that is searched for is asked for through a
grid of windows: the middle of the other picture lies in one of them, whichever of the two was cut. A mirrored one needs
no second look at the pixels: mirroring turns the sign of every wave that is odd across the width.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

Bits = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float32]

SIDE = 128  # pixels to which a picture is reduced, whatever its proportions
MIDDLE = (0.1, 0.9)
CUT = 0.1  # of a side, up to which a cut is searched for
WAVES = 14  # along each side, of which those nearest to none are taken
PLAIN = 2.0  # mean deviation in grey levels below which a picture (a wall, a dark room) has no print
WORDS = 2  # of 64 bits each: the first is searched by, the second thins out what was found


class Window(NamedTuple):
    """A part of a picture, in shares of its width and height."""

    left: float
    right: float
    top: float
    bottom: float


class Asked(NamedTuple):
    """One look at the index: its bits, which of them are least certain, and what it would mean to find it."""

    bits: Bits  # looks × WORDS
    weak: npt.NDArray[np.uint8]  # looks × 4 × WEAKEST: places of the least certain bits within each quarter
    sure: Floats  # looks × bits: how certain each bit is, as a share of all
    windows: tuple[Window, ...]  # of each look; of the mirrored picture where it is mirrored
    mirrored: npt.NDArray[np.bool_]


def _waves() -> list[tuple[int, int]]:
    """(across, down) of the 128 longest waves, longest first, the constant left out."""
    pairs = [(across, down) for across in range(WAVES) for down in range(WAVES) if across or down]
    return sorted(pairs, key=lambda pair: (pair[0] ** 2 + pair[1] ** 2, pair))[: 64 * WORDS]


def _order() -> list[tuple[int, int]]:
    """The waves by bit: each quarter of a word, by which the index looks up, gets long and short ones alike."""
    waves, placed = _waves(), []
    for word in range(WORDS):
        of_word = waves[64 * word: 64 * (word + 1)]
        placed += [of_word[4 * place + quarter] for quarter in range(4) for place in range(16)]
    return placed


ORDER = _order()
_ACROSS = np.array([across for across, _ in ORDER])
_DOWN = np.array([down for _, down in ORDER])
_ODD = _ACROSS % 2 == 1
WEAKEST = 6


def _edges() -> list[tuple[float, float]]:
    """Where the middle of the other picture may lie along one side, by what was cut of which: (from, to), uncut first."""
    low, high = MIDDLE
    cuts = [(0.0, 0.0), (CUT, 0.0), (0.0, CUT), (CUT / 2, CUT / 2), (CUT / 2, 0.0), (0.0, CUT / 2)]
    asked_is_cut = [((low - a) / (1 - a - b), (high - a) / (1 - a - b)) for a, b in cuts]
    other_is_cut = [(a + low * (1 - a - b), a + high * (1 - a - b)) for a, b in cuts[1:]]
    return asked_is_cut + other_is_cut


EDGES = _edges()
_CUT_HERE = 6  # of EDGES: those of a picture that was cut itself
_PAIRS = [
    (x, y) for x in range(len(EDGES)) for y in range(len(EDGES))
    if (x < _CUT_HERE and y < _CUT_HERE) or ((x == 0 or x >= _CUT_HERE) and (y == 0 or y >= _CUT_HERE))
]  # not cut across and added to down: that takes two pictures
_WINDOWS = tuple(Window(*EDGES[x], *EDGES[y]) for x, y in _PAIRS)
_MIRRORED = tuple(Window(1 - one.right, 1 - one.left, one.top, one.bottom) for one in _WINDOWS)


def _basis(edges: tuple[float, float]) -> Floats:
    """WAVES × SIDE: the waves over the pixels between two edges, each pixel by the share of it that lies within."""
    begin, end = edges[0] * SIDE, edges[1] * SIDE
    pixel = np.arange(SIDE)
    inside = np.clip(np.minimum(pixel + 1, end) - np.maximum(pixel, begin), 0, 1)
    at = (pixel + 0.5 - begin) / (end - begin)
    waves = np.cos(np.pi * np.arange(WAVES)[:, None] * at[None, :]) * inside
    return np.asarray(waves / (end - begin), dtype=np.float32)


_ALL = np.concatenate([_basis(edges) for edges in EDGES])
_MIDDLE = _ALL[:WAVES]


def grey(image: Image.Image) -> Floats:
    """The picture as SIDE × SIDE grey levels."""
    small = image.convert("L").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return np.asarray(small, dtype=np.float32)


def is_plain(pixels: Floats) -> bool:
    """Whether there is too little to be seen for two pictures to be told apart."""
    return float(np.abs(pixels - pixels.mean()).mean()) < PLAIN


def print_of(pixels: Floats) -> Bits | None:
    """The picture's own bits, as they are kept; None where there is nothing to be seen."""
    if is_plain(pixels):
        return None
    bits: Bits = _packed((waves_of(pixels) > 0)[None, :])[0]
    return bits


def waves_of(pixels: Floats) -> Floats:
    """How strong each of the 128 waves is in the middle of the picture, by bit; their signs are the print."""
    waves = _MIDDLE @ pixels @ _MIDDLE.T
    return np.asarray(waves[_DOWN, _ACROSS])


def asked_of(pixels: Floats) -> Asked:
    """What to look for in order to find copies of the picture, as it is and mirrored."""
    waves = _ALL @ pixels @ _ALL.T
    x, y = np.array([x for x, _ in _PAIRS]), np.array([y for _, y in _PAIRS])
    strength = waves[y[:, None] * WAVES + _DOWN[None, :], x[:, None] * WAVES + _ACROSS[None, :]]
    strength = np.concatenate([strength, np.where(_ODD, -strength, strength)])
    sure = np.abs(strength) * _SCALE
    weak = np.argpartition(sure[:, :64].reshape(-1, 4, 16), WEAKEST, axis=2)[:, :, :WEAKEST].astype(np.uint8)
    return Asked(
        _packed(strength > 0), weak, sure / sure.sum(axis=1, keepdims=True), _WINDOWS + _MIRRORED,
        np.repeat(np.array([False, True]), len(_WINDOWS)),
    )


# Pictures hold long waves more strongly, about in proportion to their length: weighed so, all bits are alike.
_SCALE = np.sqrt(_ACROSS**2 + _DOWN**2).astype(np.float32)


def _packed(bits: npt.NDArray[np.bool_]) -> Bits:
    return np.packbits(bits, axis=1, bitorder="little").view(np.uint64)
