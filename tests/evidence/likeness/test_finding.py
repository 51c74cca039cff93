"""Prints, the index and its file, and the check on aligned thumbs, by themselves."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image

from server.evidence.likeness import index, prints, shelf
from server.evidence.likeness.aligning import laid_upon
from server.evidence.likeness.index import Index
from server.evidence.likeness.models import Print
from server.kit import clock
from server.photos.models import Original
from tests.evidence.likeness.copies import cut, mirrored, photo, saved_again
from tests.factories import SiteOffice

DICE = np.random.default_rng(7)


def grey(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("L").resize((320, 240))


def many(count: int) -> prints.Bits:
    return DICE.integers(0, 2**64, size=(count, prints.WORDS), dtype=np.uint64)


def test_the_mirrored_look_is_the_look_of_the_mirrored_picture() -> None:
    picture = prints.grey(grey(photo(8)))
    asked = prints.asked_of(picture)
    other = prints.print_of(np.ascontiguousarray(picture[:, ::-1]))
    assert other is not None
    first = list(asked.mirrored).index(True)
    assert int(np.bitwise_count(asked.bits[first] ^ other).sum()) <= 1


@pytest.mark.parametrize("which", [0, 1])
def test_a_cut_is_found_whichever_of_the_two_was_cut(which: int) -> None:
    whole, part = (prints.grey(grey(one)) for one in (photo(3), cut(photo(3), 0.1, 0, 0, 0.1)))
    asked, kept = (whole, part) if which else (part, whole)
    bits = prints.print_of(kept)
    assert bits is not None
    assert int(np.bitwise_count(prints.asked_of(asked).bits ^ bits).sum(axis=1).min()) <= 28


def test_the_index_finds_what_comparing_all_finds_whether_sorted_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = prints.asked_of(prints.grey(grey(photo(5))))
    near = asked.bits[[3, 40, 90, 141]].copy()
    near[:, 0] ^= np.uint64(1 << 5 | 1 << 37)
    near[:, 1] ^= np.uint64(0b1011)
    bits = np.concatenate([many(3000), near])
    monkeypatch.setattr(index, "AT_ONCE", 1000)
    for after in (10**9, 500):
        monkeypatch.setattr(index, "SORT_AFTER", after)
        one = Index()
        for begin in range(0, len(bits), 700):
            part = bits[begin:begin + 700]
            one.add(np.arange(begin + 1, begin + 1 + len(part)), part)
        found = one.search(asked, within=0.3, most=10)
        assert {look.seq for look in found} == {3001, 3002, 3003, 3004}
        assert all(look.distance <= 5 for look in found)
        assert one.search(asked, within=0.3, most=2) == found[:2]
        assert (one.last, len(one)) == (3004, 3004)


def test_an_index_without_prints_finds_nothing() -> None:
    one = Index()
    one.add(np.empty(0, np.int64), np.empty((0, prints.WORDS), np.uint64))
    one.sort()
    assert one.search(prints.asked_of(prints.grey(grey(photo(5)))), within=1, most=10) == []


def test_a_copy_lies_upon_its_original_and_another_photo_of_the_spot_beside_it() -> None:
    kept = grey(photo(7))
    middle = prints.Window(0.1, 0.9, 0.1, 0.9)
    copy = laid_upon(grey(saved_again(photo(7))), kept, middle, mirrored=False)
    turned_over = laid_upon(grey(mirrored(photo(7))), kept, middle, mirrored=True)
    beside = laid_upon(grey(photo(7, noise=1, x=0.01, turn=1, step=0.01)), kept, middle, mirrored=False)
    other = laid_upon(grey(photo(17)), kept, middle, mirrored=False)
    assert min(copy.fitting, turned_over.fitting) > 0.9
    assert max(copy.drift, turned_over.drift) < 0.15
    assert beside.drift > 0.3
    assert other.fitting < 0.3


def test_how_much_was_cut_is_measured() -> None:
    cut_off = laid_upon(grey(cut(photo(7), 0.1, 0, 0, 0)), grey(photo(7)), prints.Window(0.0, 0.89, 0.1, 0.9), mirrored=False)
    assert cut_off.cut == pytest.approx(0.1, abs=0.005)


def _keep(office: SiteOffice, first: int, bits: prints.Bits) -> None:
    def write(db: sa.orm.Session) -> None:
        for place, one in enumerate(bits, first):
            sha256 = f"{place:064x}"
            db.add(Original(sha256=sha256, size=1, media_type="image/jpeg", stored_at=clock.now()))
            db.flush()
            db.add(Print(sha256=sha256, bits=one.tobytes(), made_at=clock.now()))
            db.flush()

    office.write(write)


def test_the_file_of_the_index_is_used_while_it_fits_the_table(
    office: SiteOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "SAVE_AFTER", 10)
    path, asked = tmp_path / "likeness.index", prints.asked_of(prints.grey(grey(photo(5))))
    bits = many(30)
    bits[7] = asked.bits[0]
    _keep(office, 0, bits)

    def look(by: shelf.Shelf) -> list[int]:
        with office.database.read() as db:
            return [found.seq for found in by.look(db, asked, within=0.1, most=5)]

    first = shelf.Shelf(path)
    (seq,) = look(first)
    saved = path.read_bytes()
    assert len(saved) == 30 * 24
    _keep(office, 30, asked.bits[:1])
    assert look(first) == look(shelf.Shelf(path)) == [seq, seq + 23]
    assert path.read_bytes() == saved, "not for one more"
    path.write_bytes(saved[:24] + bytes(24) + saved[48:])  # of another database
    assert look(shelf.Shelf(path)) == [seq, seq + 23]
    path.write_bytes(b"torn")
    assert look(shelf.Shelf(path)) == [seq, seq + 23]


def test_two_shelves_of_one_table_agree_as_it_grows(office: SiteOffice, tmp_path: Path) -> None:
    asked = prints.asked_of(prints.grey(grey(photo(5))))
    shelves = [shelf.Shelf(tmp_path / name) for name in "ab"]
    for step in range(3):
        _keep(office, step, asked.bits[:1])
        with office.database.read() as db:
            found = [len(one.look(db, asked, within=0.1, most=5)) for one in shelves]
        assert found == [step + 1, step + 1]
