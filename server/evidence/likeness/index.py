"""All prints of the programme in memory, found by their bits: exact in a quarter of a word but for its least certain bits.

Sixteen bits of a print lead to the few prints that have the same sixteen; four such quarters, and those keys with up to
two of the least certain bits turned, find what is near without looking at all. What came since the tables were sorted is
compared one by one, until it is much.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from server.evidence.likeness.prints import WEAKEST, WORDS, Asked, Bits

Seqs = npt.NDArray[np.int64]
NEAR = 15  # differing bits of the first word, at most
NEAR_BOTH = 40  # and of both
SORT_AFTER = 20_000  # prints that came since, or a hundredth of all
AT_ONCE = 2_000_000  # comparisons held in memory at a time
WEIGHED_AT_ONCE = 20_000
_QUARTERS = 4
_TURNS = np.array(
    [sum(1 << place for place in places) for many in range(3) for places in itertools.combinations(range(WEAKEST), many)]
)


class Found(NamedTuple):
    """A print near to what was asked: how many bits differ, how certain those were, and by which look it was found."""

    seq: int
    distance: int
    doubt: float
    look: int


def nearest(asked: Asked, seq: int, bits: Bits) -> Found:
    """By which look a print is nearest, however far that is."""
    differing = np.unpackbits((asked.bits ^ bits).view(np.uint8), axis=1, bitorder="little")
    doubts = np.einsum("ij,ij->i", differing, asked.sure)
    look = int(doubts.argmin())
    return Found(seq, int(differing[look].sum()), float(doubts[look]), look)


class Index:
    """Prints by the order of their coming. Not for several threads at once."""

    def __init__(self) -> None:
        self.seqs: Seqs = np.empty(0, np.int64)
        self.bits: Bits = np.empty((0, WORDS), np.uint64)
        self._sorted = 0  # so many stand in the tables
        self._first: npt.NDArray[np.uint64] = np.empty(0, np.uint64)
        self._rows: list[npt.NDArray[np.uint32]] = []
        self._starts: list[npt.NDArray[np.int64]] = []

    def __len__(self) -> int:
        return len(self.seqs)

    @property
    def last(self) -> int:
        """The newest print that is in it; 0 where there is none."""
        return int(self.seqs[-1]) if len(self.seqs) else 0

    @property
    def nbytes(self) -> int:
        """Memory of its arrays."""
        return self.seqs.nbytes + self.bits.nbytes + self._first.nbytes + sum(
            rows.nbytes + starts.nbytes for rows, starts in zip(self._rows, self._starts, strict=True)
        )

    def add(self, seqs: Seqs, bits: Bits) -> None:
        """Take prints that came since; their numbers grow."""
        if not len(seqs):
            return
        self.seqs = np.concatenate([self.seqs, seqs])
        self.bits = np.concatenate([self.bits, bits])
        if len(self.seqs) - self._sorted > max(SORT_AFTER, len(self.seqs) // 100):
            self.sort()

    def sort(self) -> None:
        """Make the tables anew from all prints."""
        self._first = np.ascontiguousarray(self.bits[:, 0])
        quarters = self._first.view(np.uint16).reshape(-1, _QUARTERS)
        self._rows, self._starts = [], []
        for quarter in range(_QUARTERS):
            keys = np.ascontiguousarray(quarters[:, quarter])
            self._rows.append(np.argsort(keys, kind="stable").astype(np.uint32))
            ends = np.cumsum(np.bincount(keys, minlength=1 << 16))
            self._starts.append(np.concatenate([[0], ends]).astype(np.int64))
        self._sorted = len(self.seqs)

    def search(self, asked: Asked, *, within: float, most: int) -> list[Found]:
        """The nearest prints, each once by its best look, nearest first.

        Near is what differs in bits that hold at most `within` of the certainty of all: a copy differs in those that
        were uncertain, another picture in any.
        """
        pairs = [*self._in_tables(asked), *self._in_rest(asked)]
        if not pairs:
            return []
        rows = np.concatenate([row for row, _ in pairs])
        looks = np.concatenate([look for _, look in pairs])
        differing = self.bits[rows] ^ asked.bits[looks]
        distances = np.bitwise_count(differing).sum(axis=1)
        near = np.flatnonzero(distances <= NEAR_BOTH)
        doubts = np.empty(len(near), np.float32)
        for begin in range(0, len(near), WEIGHED_AT_ONCE):
            part = near[begin:begin + WEIGHED_AT_ONCE]
            bits = np.unpackbits(differing[part].view(np.uint8), axis=1, bitorder="little")
            doubts[begin:begin + WEIGHED_AT_ONCE] = np.einsum("ij,ij->i", bits, asked.sure[looks[part]])
        near, doubts = near[doubts <= within], doubts[doubts <= within]
        order = np.lexsort((looks[near], doubts))
        _, firsts = np.unique(rows[near[order]], return_index=True)
        best = order[np.sort(firsts)][:most]
        return [
            Found(int(self.seqs[rows[at]]), int(distances[at]), float(doubt), int(looks[at]))
            for at, doubt in zip(near[best], doubts[best], strict=True)
        ]

    def _in_tables(self, asked: Asked) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
        if not self._sorted:
            return []
        words = asked.bits[:, 0]
        keys = np.ascontiguousarray(words).view(np.uint16).reshape(-1, _QUARTERS)
        found = []
        for quarter in range(_QUARTERS):
            turned = (1 << asked.weak[:, quarter, :].astype(np.uint32))  # looks × WEAKEST
            chosen = (_TURNS[:, None] >> np.arange(WEAKEST)[None, :]) & 1  # turns × WEAKEST
            probes = keys[:, quarter, None].astype(np.uint32) ^ (turned @ chosen.T.astype(np.uint32))
            starts = self._starts[quarter][probes].ravel()
            counts = self._starts[quarter][probes + 1].ravel() - starts
            look_of = np.repeat(np.arange(len(words)), probes.shape[1])
            for part in _parts(counts):
                rows = self._rows[quarter][_spread(starts[part], counts[part])]
                looks = np.repeat(look_of[part], counts[part])
                near = np.bitwise_count(self._first[rows] ^ words[looks]) <= NEAR
                found.append((rows[near].astype(np.int64), looks[near]))
        return found

    def _in_rest(self, asked: Asked) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
        rest = self.bits[self._sorted:, 0]
        found = []
        at_once = max(1, AT_ONCE // max(1, len(rest)))
        for first in range(0, len(asked.bits) if len(rest) else 0, at_once):
            words = asked.bits[first:first + at_once, 0]
            looks, rows = np.nonzero(np.bitwise_count(words[:, None] ^ rest[None, :]) <= NEAR)
            found.append((rows + self._sorted, looks + first))
        return found


def _parts(counts: npt.NDArray[np.int64]) -> list[slice]:
    """Runs of about AT_ONCE comparisons each."""
    ends = np.cumsum(counts)
    cuts = np.searchsorted(ends, np.arange(AT_ONCE, int(ends[-1]) + AT_ONCE, AT_ONCE))
    edges = [0, *np.unique(np.minimum(cuts + 1, len(counts))).tolist()]
    return [slice(begin, end) for begin, end in itertools.pairwise(edges) if end > begin]


def _spread(starts: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """start, start + 1, … of each run of `counts`, one after another."""
    before = np.cumsum(counts) - counts
    return np.repeat(starts - before, counts) + np.arange(int(counts.sum()))
