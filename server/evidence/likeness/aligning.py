"""The check that decides: two thumbs laid upon each other as well as moving and stretching can, and compared in parts.

A copy of a photo fits to a fraction of a pixel wherever there is something to be seen, but for what was written on it.
Another photo of the same place does not: the camera stood a little aside, turned, higher, and near things moved against
far ones.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from server.evidence.likeness import lighting
from server.evidence.likeness.lighting import light_between
from server.evidence.likeness.prints import MIDDLE, Window

Floats = npt.NDArray[np.float32]

_LEVELS = ((48, 7), (96, 5))  # pixels along a side, steps
_FINE = (192, 4)
_PAD = 0.12  # the window may lean out of the picture while it is looked for
_PARTS = 8  # along a side
_HOPELESS = 0.3  # correlation below which a finer look finds nothing either
_SEEN = 2.0  # deviation in grey levels from which a part shows something
_FITS = 0.7  # correlation from which a part fits
_FEWEST = 8  # parts that must show something
ASTRAY = 99.0  # the drift of what does not lie there at all
_RIDGE = 0.3  # of a part's slope squared: keeps what shows nothing across from drifting there


class Fit(NamedTuple):
    """How two pictures lie upon each other: `window` of the asked one is the middle of the kept one."""

    window: Window
    mirrored: bool
    likeness: float  # correlation of what can be seen, 0 to 1
    fitting: float  # share of parts that fit, of those that show something; 0 where nearly none does
    drift: float  # by how many pixels of 192 parts lie beside their place
    light: float  # share of its brightness by which the light over it differs

    @property
    def cut(self) -> float:
        """The largest share of a side that one of the two lacks."""
        whole = MIDDLE[1] - MIDDLE[0]
        across, down = self.window.right - self.window.left, self.window.bottom - self.window.top
        return max(1 - min(one, whole) / max(one, whole) for one in (across, down))


def laid_upon(asked: Image.Image, kept: Image.Image, window: Window, *, mirrored: bool) -> Fit:
    """Lay grey thumbs upon each other, from a first guess on where the kept one's middle is in the asked one."""
    if mirrored:
        asked = asked.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    pair = _Pair(asked, kept, window)
    for side, steps in _LEVELS:
        wanted, shown = pair.moved_into_place(side, steps)
        likeness = _correlation(wanted, shown)
        if likeness < _HOPELESS:
            return Fit(pair.window, mirrored, max(0.0, likeness), 0.0, ASTRAY, 1.0)
    fitting = _fitting(wanted, shown)
    drift = _drift(*pair.moved_into_place(*_FINE))
    light = light_between(*pair.pixels(lighting.SIDE))
    return Fit(pair.window, mirrored, likeness, fitting, drift, light)


class _Pair:
    """Two thumbs and where the one's middle is in the other, as far as is known."""

    def __init__(self, asked: Image.Image, kept: Image.Image, window: Window) -> None:
        self._padded, self._pad = _padded(asked)
        self._size, self._kept = asked.size, kept
        self._place = np.array(window, np.float64)

    @property
    def window(self) -> Window:
        return Window(*(float(edge) for edge in self._place))

    def moved_into_place(self, side: int, steps: int) -> tuple[Floats, Floats]:
        """The outlines of both, `side` pixels wide and high, after so many steps towards each other."""
        wanted, shown = _outlines(self._wanted(side)), _outlines(self._shown(side))
        for _ in range(steps):
            moved = _step(wanted, shown)
            spans = self._place[[1, 1, 3, 3]] - self._place[[0, 0, 2, 2]]
            self._place += moved * spans / side
            shown = _outlines(self._shown(side))
            if np.abs(moved).max() < 0.02:
                break
        return wanted, shown

    def pixels(self, side: int) -> tuple[Floats, Floats]:
        """Both as they are, as they lie now."""
        return self._wanted(side), self._shown(side)

    def _wanted(self, side: int) -> Floats:
        kept, (low, high) = self._kept, MIDDLE
        middle = (low * kept.width, low * kept.height, high * kept.width, high * kept.height)
        return np.asarray(kept.resize((side, side), Image.Resampling.BILINEAR, box=middle), np.float32)

    def _shown(self, side: int) -> Floats:
        (wide, high), (across, down) = self._size, self._pad
        left, right = np.clip(self._place[:2] * wide + across, 0, self._padded.width)
        top, bottom = np.clip(self._place[2:] * high + down, 0, self._padded.height)
        if right - left < 8 or bottom - top < 8:
            return np.zeros((side, side), np.float32)
        box = (float(left), float(top), float(right), float(bottom))
        return np.asarray(self._padded.resize((side, side), Image.Resampling.BILINEAR, box=box), np.float32)


def _padded(image: Image.Image) -> tuple[Image.Image, tuple[int, int]]:
    pad = round(image.width * _PAD), round(image.height * _PAD)
    pixels = np.pad(np.asarray(image), ((pad[1], pad[1]), (pad[0], pad[0])), mode="edge")
    return Image.fromarray(pixels), pad


def _outlines(pixels: Floats) -> Floats:
    """What stands out from its surroundings, so that shadows and brightness fall away."""
    width = 4
    padded = np.pad(pixels, width, mode="edge")
    sums = np.pad(padded.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    span = 2 * width + 1
    around = sums[span:, span:] - sums[:-span, span:] - sums[span:, :-span] + sums[:-span, :-span]
    return np.asarray(pixels - around / span**2, np.float32)


def _step(wanted: Floats, shown: Floats) -> npt.NDArray[np.float64]:
    """By how many pixels left, right, top and bottom edge of the window should move (Gauss-Newton, outliers left out)."""
    side = len(wanted)
    deviation = float(shown.std())
    if deviation < 1e-3:
        return np.zeros(4)
    shown = shown * (float(wanted.std()) / deviation)
    down, across = np.gradient((wanted + shown) / 2)
    share = (np.arange(side, dtype=np.float32) + 0.5) / side
    lever = np.stack([across * (1 - share), across * share, down * (1 - share[:, None]), down * share[:, None]], axis=-1)
    wrong = wanted - shown
    believed = np.abs(wrong) < 2.5 * float(np.abs(wrong).mean()) + 1e-6
    matrix = lever[believed].astype(np.float64)
    # einsum and not @: many threads for so little would only wait for each other
    normal = np.einsum("ij,ik->jk", matrix, matrix) + np.eye(4) * 1e-3 * side
    solved = np.linalg.solve(normal, np.einsum("ij,i->j", matrix, wrong[believed].astype(np.float64)))
    return np.asarray(np.clip(solved, -side / 24, side / 24))


def _correlation(one: Floats, other: Floats) -> float:
    below = float(np.sqrt((one * one).sum() * (other * other).sum()))
    return float((one * other).sum()) / below if below > 1e-6 else 0.0


def _by_part(pixels: npt.NDArray[Any]) -> Floats:
    """The mean of each of _PARTS × _PARTS parts."""
    each = len(pixels) // _PARTS
    return np.asarray(pixels.reshape(_PARTS, each, _PARTS, each).mean((1, 3)))


def _fitting(wanted: Floats, shown: Floats) -> float:
    """The share of parts that fit."""
    one, other = np.sqrt(_by_part(wanted**2)), np.sqrt(_by_part(shown**2))
    seen = np.maximum(one, other) > _SEEN
    if seen.sum() < _FEWEST:
        return 0.0
    alike = _by_part(np.asarray(wanted * shown, np.float32)) / np.maximum(one * other, 1e-6)
    return float((alike[seen] >= _FITS).mean())


def _drift(wanted: Floats, shown: Floats) -> float:
    """How far parts lie beside their place: each is moved by itself, a small step of Gauss-Newton.

    Of two figures the larger: the middling part's way, and twice the way that all go together by turning or leaning,
    which is seen more finely, since what is by chance falls away.
    """
    one, other = np.sqrt(_by_part(wanted**2)), np.sqrt(_by_part(shown**2))
    seen = np.minimum(one, other) > _SEEN
    if seen.sum() < _FEWEST:
        return ASTRAY
    each = len(wanted) // _PARTS
    gain = one / np.maximum(other, 1e-3)
    shown = np.asarray(shown * np.repeat(np.repeat(gain, each, 0), each, 1), np.float32)
    down, across = (np.asarray(slope, np.float32) for slope in np.gradient((wanted + shown) / 2))
    wrong = wanted - shown
    xx, yy, xy = _by_part(across * across) + _RIDGE, _by_part(down * down) + _RIDGE, _by_part(across * down)
    xe, ye = _by_part(across * wrong), _by_part(down * wrong)
    below = xx * yy - xy * xy
    right, lower = (yy * xe - xy * ye) / below, (xx * ye - xy * xe) / below
    way = np.hypot(right, lower)
    middling = float(np.median(way[seen]))
    orderly = seen & (way <= 3 * middling + 0.1)  # not what was written on it, nor things that moved
    return max(middling, 2 * _turned(right, lower, np.sqrt(xx) * orderly, np.sqrt(yy) * orderly))


def _turned(right: Floats, lower: Floats, sure_right: Floats, sure_lower: Floats) -> float:
    """What of the parts' ways is turning or leaning, as all of them agree, weighed by how surely each is known."""
    at = (np.arange(_PARTS) + 0.5) / _PARTS * 2 - 1
    u, v = np.meshgrid(at, at)
    one, none = np.ones_like(u), np.zeros_like(u)
    # moved across and stretched, moved down and stretched: as every cut does; turned, sheared, leaning two ways: as none does
    ways = np.stack([
        np.stack([one, u, none, none, v, none, u * u, u * v], axis=-1),
        np.stack([none, none, one, v, none, u, u * v, v * v], axis=-1),
    ])
    sure = np.stack([sure_right, sure_lower])
    weighed = (ways * sure[..., None]).reshape(-1, ways.shape[-1])
    normal = np.einsum("ij,ik->jk", weighed, weighed)
    normal += np.eye(len(normal)) * 1e-3 * (float(np.trace(normal)) / len(normal) + 1e-6)
    found = np.linalg.solve(normal, np.einsum("ij,i->j", weighed, (np.stack([right, lower]) * sure).ravel()))
    found[:4] = 0
    field = np.einsum("cyxk,k->cyx", ways, found)
    field -= field.mean((1, 2), keepdims=True)
    return float(np.sqrt((field**2).sum(0).mean()))
