"""Whether one light lay on two pictures of the same thing.

A copy was lit once: however it was saved, made brighter or written upon, its brightness follows from the original's by
one curve, the same everywhere. On another day the sun, a lamp and the camera's own exposure lie otherwise over the
frame, also where the camera stands to a hair where it stood.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

SIDE = 96  # pixels along a side of the pictures to compare
_PARTS = 16  # along a side
_TONES = 32  # points of the curve, as many pixels between each two
_DARK = 16  # grey levels: what is nearly black has no share of brightness worth comparing
_ASTRAY = 3.0  # times the middling part's: what was written there, or stands there now
_NOTHING = 1e-4


def _ways() -> npt.NDArray[np.float64]:
    """How light lies over a frame: from a side, from a corner, as a spot."""
    at = (np.arange(_PARTS) + 0.5) / _PARTS * 2 - 1
    across, down = (way.ravel() for way in np.meshgrid(at, at))
    return np.stack([np.ones_like(across), across, down, across * across, across * down, down * down], axis=-1)


_WAYS = _ways()


def light_between(one: Floats, other: Floats) -> float:
    """By what share of its brightness the light over the frame differs, for pictures of SIDE × SIDE that lie upon each
    other: the root of the mean square, 0 for the same light. The one that has more tones tells the other's."""
    return min(_light(one, other), _light(other, one))


def _light(given: Floats, shown: Floats) -> float:
    expected = _by_curve(given, shown)
    differs = (_by_part(shown - expected) / (_by_part(expected) + _DARK)).ravel()
    believed = np.abs(differs) <= _ASTRAY * np.median(np.abs(differs)) + _NOTHING
    for _ in range(3):
        found, *_ = np.linalg.lstsq(_WAYS[believed], differs[believed], rcond=None)
        lies = _WAYS @ found
        beside = np.abs(differs - lies)
        believed = beside <= _ASTRAY * np.median(beside) + _NOTHING
    return float(lies.std())


def _by_curve(given: Floats, shown: Floats) -> Floats:
    """What `given` would look like by the one curve that leads best from it to `shown`: medians, so that a caption or a
    barrow bends nothing."""
    order = np.argsort(given, axis=None, kind="stable")
    groups = np.array_split(order, _TONES)
    tones, of_tone = np.unique([np.median(given.ravel()[group]) for group in groups], return_inverse=True)
    levels = np.array([np.median(shown.ravel()[group]) for group in groups])
    # a plain wall fills many groups, each from another strip of the frame
    levels = np.bincount(of_tone, levels) / np.bincount(of_tone)
    return np.asarray(np.interp(given, tones, levels), np.float32)


def _by_part(pixels: Floats) -> Floats:
    each = SIDE // _PARTS
    return np.asarray(pixels.reshape(_PARTS, each, _PARTS, each).mean((1, 3)))
