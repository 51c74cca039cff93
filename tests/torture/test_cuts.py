"""The line is cut at every byte of a small report and at 300 places of a large one: FIN, RST, half-close, silence.

After each cut the phone does what the contract tells it to: ask again, resume at the byte. Meanwhile the server may
never call anything received that cannot have come through, and in the end all is there, whole and once.
"""

from __future__ import annotations

import hashlib
import random
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.city import City, Inspector
from tests.cutter import Cut, Cutter, How, Way
from tests.factories import photo_entry, report_body
from tests.ledger import Ledger, audit, fetch_back
from tests.phone import Line, Phone, Sending
from tests.photos import jpeg, with_segment
from tests.torture.conftest import Figure

SEED = 20261120
PHONES = 6
GIVES_UP_S = 0.3  # after so long a silence a phone tries again; a real one waits longer
LOUD = (How.FIN, How.RST, How.HALF)
KINDS = {"small": None, "large": None, "large in pieces": 64 * 1024}  # how many bytes go in one PATCH


@dataclass(slots=True)
class Hand:
    """One inspector with a phone behind a bad line."""

    inspector: Inspector
    cutter: Cutter
    cut: Cut | None = None

    @property
    def phone(self) -> Phone:
        return self.inspector.phone

    @property
    def site_id(self) -> str:
        return self.inspector.site_id

    def open_line(self) -> Line:
        """The first line of an exchange is the one that is cut; once it is silent the phone soon gives it up."""
        cut, self.cut = self.cut, None
        if cut is None:
            return Line(self.cutter.port)
        self.cutter.arm(cut)
        ceiling = cut.after if cut.way is Way.UP and cut.how is not How.LATE else float("inf")
        patience = GIVES_UP_S if cut.how.silent else 30
        return Line(self.cutter.port, patience_s=patience, ceiling=ceiling, is_dead=lambda: self.cutter.happened)


@pytest.fixture
def hands(city: City) -> Iterator[list[Hand]]:
    made = []
    for _ in range(PHONES):
        inspector = city.inspector()
        made.append(Hand(inspector, Cutter(city.server.port)))
        inspector.phone.open_line = made[-1].open_line
    yield made
    for hand in made:
        hand.phone.hang_up()
        hand.cutter.__exit__()


@pytest.fixture
def ledger(hands: list[Hand], tmp_path: Path) -> Iterator[Ledger]:
    kept = Ledger(tmp_path / "receipts", [hand.inspector.id for hand in hands])
    yield kept
    kept.close()


def tiny_photo(dice: random.Random) -> bytes:
    """A grey PNG of 4 × 4 random points."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + dice.randbytes(4) for _ in range(4))
    head = struct.pack(">LLBBBBB", 4, 4, 8, 0, 0, 0, 0)
    packed = zlib.compress(rows, 0)  # not packed: every photo is of one size, and so is every exchange
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def small(site_id: str, dice: random.Random) -> Sending:
    """A report with one tiny photo."""
    return sending(site_id, [tiny_photo(dice)])


def large(site_id: str, dice: random.Random) -> Sending:
    """A report with three photos of some hundred kilobytes, none of which was ever sent before."""
    return sending(site_id, [with_segment(photo, 0xFE, dice.randbytes(16)) for photo in LARGE])


LARGE = [jpeg(640, 480, seed=seed, size=size) for seed, size in enumerate((180_000, 300_000, 420_000))]


def sending(site_id: str, pictures: list[bytes]) -> Sending:
    entries = [photo_entry(data, item="ELEV-A01") for data in pictures]
    body = report_body(site_id, photos=entries, summary=None)
    return Sending(body, {entry["id"]: data for entry, data in zip(entries, pictures, strict=True)})


MAKERS: dict[str, Callable[[str, random.Random], Sending]] = {"small": small, "large": large, "large in pieces": large}


def cuts(kind: str, in_full: bool, whole: dict[Way, int], dice: random.Random) -> list[Cut]:
    """Where and how the exchanges of this kind are cut, given how many bytes an uncut one has each way."""
    places = [(way, after) for way in Way for after in range(whole[way] + 1)]
    if kind != "small":
        up = [(Way.UP, dice.randint(0, whole[Way.UP])) for _ in range(270)]
        places = up + [(Way.DOWN, dice.randint(0, whole[Way.DOWN])) for _ in range(30)]
        every = [Cut(*place, how) for place in places for how in How]
        return every if in_full else dice.sample(every, 20)
    loud = [Cut(*place, how) for place in places for how in LOUD]
    silent = [Cut(*place, how) for place in places[::5] for how in (How.STALL, How.LATE)]
    return loud + silent if in_full else dice.sample(loud, 180) + dice.sample(silent, 36)


@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_anywhere_loses_nothing_and_stores_nothing_short(
    kind: str, city: City, hands: list[Hand], ledger: Ledger, in_full: bool, figure: Figure
) -> None:
    started = time.monotonic()
    dice = random.Random(SEED)
    for hand in hands:
        hand.phone.chunk = KINDS[kind]
    whole = rehearse(hands[0], MAKERS[kind], ledger)
    todo = cuts(kind, in_full, whole, dice)
    dice.shuffle(todo)
    done = len(todo)
    happened = in_parallel(hands, todo, MAKERS[kind], ledger)
    # an answer's date and a token's length differ by a byte or two, so that a cut at the very end may come too late
    assert happened > 0.95 * done, f"only {happened} of {done} cuts came to pass"
    again = sum(hand.phone.cuts for hand in hands)
    looked_at = audit(city, ledger)
    photo_ids = [name for line in ledger.lines()[-10:] for name in line["photos"]]
    fetch_back(city, hands[0].phone.token, ledger, own(ledger, hands[0], photo_ids))
    assert "unexpected error" not in city.log(), city.log()[-3000:]
    assert "Traceback" not in city.log(), city.log()[-3000:]
    figure(f"cuts, {city.kind}, {kind}", bytes_up=whole[Way.UP], bytes_down=whole[Way.DOWN], cuts=happened,
           lines_lost=again, reports=looked_at.reports, photos=looked_at.photos,
           seconds=round(time.monotonic() - started))


def own(ledger: Ledger, hand: Hand, photo_ids: list[str]) -> list[str]:
    """Of these photos those that this inspector sent."""
    return [
        name for line in ledger.lines() for name in line["photos"]
        if name in photo_ids and f'"site_id":"{hand.site_id}"' in line["content"]
    ]


def rehearse(hand: Hand, make: Callable[[str, random.Random], Sending], ledger: Ledger) -> dict[Way, int]:
    """One exchange with nothing cut: how many bytes go up and down."""
    one = make(hand.site_id, random.Random(hashlib.sha256(hand.site_id.encode()).digest()))
    ledger.enter(one, hand.phone.deliver(one))
    hand.phone.hang_up()
    hand.cutter.settle()
    return dict(hand.cutter.counted)


def in_parallel(
    hands: list[Hand], todo: list[Cut], make: Callable[[str, random.Random], Sending], ledger: Ledger
) -> int:
    """Every cut on one exchange of its own, by several phones at once; how many came to pass."""
    failed: list[tuple[Cut, BaseException]] = []
    happened: list[Cut] = []

    def work(hand: Hand, dice: random.Random) -> None:
        while todo and not failed:
            try:
                cut = todo.pop()
            except IndexError:
                return
            try:
                one = make(hand.site_id, dice)
                hand.cut = cut
                receipt = hand.phone.deliver(one)
                ledger.enter(one, receipt)
                hand.phone.hang_up()
                hand.cutter.settle()
                if hand.cutter.happened:
                    happened.append(cut)
            except BaseException as error:  # noqa: BLE001 - told by the thread that waits for this one
                failed.append((cut, error))

    threads = [
        threading.Thread(target=work, args=(hand, random.Random(f"{SEED} {hand.site_id}"))) for hand in hands
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        cut, error = failed[0]
        raise AssertionError(f"cut {cut}: {type(error).__name__}: {error}") from error
    return len(happened)
