"""Preview and thumb: upright, bare of metadata, whole or not at all, and no photo can do harm by being decoded."""

from __future__ import annotations

import fcntl
import io
import os
import signal
import struct
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageColor

from server.kit import images
from server.kit.images import children as processes
from server.kit.images import renditions
from tests import photos

MAKERS = ["jpeg", "png", "webp", "avif", "heic", "mpo", "ultra_hdr", "motion_photo", "samsung"]
STORED_AS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.fixture(scope="module")
def decoders() -> Iterator[images.Children]:
    """One decoding process for these tests; what one test does to it the next one survives."""
    pool = images.Children(1)
    yield pool
    pool.close()


Made = Callable[..., images.RenditionResult]


@pytest.fixture
def made(tmp_path: Path, decoders: images.Children) -> Made:
    """Write a photo and make its renditions beside it."""

    def make(photo: bytes, **limits: Any) -> images.RenditionResult:
        source = tmp_path / "photo"
        source.write_bytes(photo)
        chosen = images.Limits(lock_path=tmp_path / "lock", **limits)
        return images.make_renditions(source, tmp_path, limits=chosen, children=decoders)

    return make


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(rendition: images.Rendition | None) -> Image.Image:
    assert rendition is not None
    assert rendition.path.stat().st_size == rendition.size
    with Image.open(rendition.path) as image:
        assert (image.format, image.size) == ("JPEG", (rendition.width, rendition.height))
        assert image.info["progressive"]
        return image.convert("RGB")


def near(pixel: Any, colour: str | tuple[int, int, int], within: int = 40) -> bool:
    wanted = ImageColor.getrgb(colour) if isinstance(colour, str) else colour
    return all(abs(a - b) <= within for a, b in zip(pixel, wanted, strict=True))


def assert_upright(image: Image.Image) -> None:
    across, down = image.width // 8, image.height // 8
    spots = {
        "top left": (across, down),
        "top right": (image.width - across, down),
        "bottom right": (image.width - across, image.height - down),
        "bottom left": (across, image.height - down),
    }
    for corner, spot in spots.items():
        assert near(image.getpixel(spot), photos.CORNERS[corner]), corner


@pytest.mark.parametrize("kind", ["JPEG", "HEIC", "AVIF", "WEBP", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_taken_any_way_up_ends_upright(kind: str, orientation: int, made: Made) -> None:
    stored = photos.corners(128, 96)
    if orientation in STORED_AS:
        stored = stored.transpose(STORED_AS[orientation])
    exif = photos.exif_of(orientation=orientation, make="HUAWEI")
    assert exif is not None
    photo = photos.heic_of(stored, exif) if kind == "HEIC" else saved(stored, kind, exif=exif.tobytes())
    result = made(photo, thumb_px=64)
    assert (result.state, result.facts.width, result.facts.height) == ("made", 128, 96)
    assert opened(result.preview).size == (128, 96)
    assert opened(result.thumb).size == (64, 48)
    assert_upright(opened(result.preview))
    assert_upright(opened(result.thumb))


@pytest.mark.parametrize("maker", MAKERS)
def test_every_format_becomes_a_bare_progressive_jpeg(maker: str, made: Made) -> None:
    result = made(getattr(photos, maker)(400, 300, orientation=6, gps=(37.87, 112.55)), preview_px=200, thumb_px=40)
    assert (result.state, result.reason, result.partial) == ("made", "", False)
    assert result.facts.lat == 37.87
    assert (opened(result.preview).size, opened(result.thumb).size) == ((150, 200), (30, 40))
    for rendition in (result.preview, result.thumb):
        assert rendition is not None
        assert_bare(rendition.path.read_bytes())


@pytest.mark.parametrize("maker", ["jpeg", "mpo", "ultra_hdr", "motion_photo"])
def test_a_large_jpeg_is_read_at_a_fraction_of_its_size(maker: str, made: Made, decoders: images.Children) -> None:
    """All kinds of it: an MPO that lost this would take the memory of a full decode, 108 MB."""
    decoders.close()
    result = made(getattr(photos, maker)(6000, 4500, orientation=8, seed=2), preview_px=700)
    assert opened(result.preview).size == (525, 700)
    assert result.peak_bytes < 60 << 20


def assert_bare(content: bytes) -> None:
    """Nothing but tables, frame and scans: by the markers, and by looking for what metadata looks like."""
    at, markers = 2, set()
    while content[at + 1] != 0xDA:
        markers.add(content[at + 1])
        at += 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
    assert markers <= {0xE0, 0xDB, 0xC2, 0xC4}
    for trace in (b"Exif", b"ICC_PROFILE", b"http", b"HUAWEI", b"sample", b"MPF", b"8BIM", b"Adobe"):
        assert trace not in content


def test_all_that_a_photo_carries_stays_behind(made: Made) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = photos.jpeg(300, 200, seed=7, gps=(37.87, 112.55), icc_profile=profile, dpi=(72, 72))
    photo = photos.with_segment(photo, 0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>HUAWEI</x:xmpmeta>")
    photo = photos.with_segment(photo, 0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\0")
    for kept in (b"Exif", b"ICC_PROFILE", b"http", b"HUAWEI", b"sample 7", b"8BIM"):
        assert kept in photo
    result = made(photo)
    for rendition in (result.preview, result.thumb):
        assert rendition is not None
        assert_bare(rendition.path.read_bytes())


def test_colours_are_converted_before_the_profile_goes(made: Made) -> None:
    """A profile whose red is sRGB's blue: a red picture in it looks blue, and must do so without it."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    table = {bytes(profile[i : i + 4]): i for i in range(132, 132 + 12 * profile[131], 12)}
    red, blue = (struct.unpack(">L", profile[table[tag] + 4 : table[tag] + 8])[0] for tag in (b"rXYZ", b"bXYZ"))
    profile[red : red + 20], profile[blue : blue + 20] = profile[blue : blue + 20], profile[red : red + 20]
    swapped = bytes(profile).replace(b"sRGB", b"test").replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))
    for kind in ("JPEG", "PNG"):
        result = made(saved(Image.new("RGB", (64, 48), "red"), kind, icc_profile=swapped))
        assert near(opened(result.preview).getpixel((30, 20)), "blue"), kind
    broken = made(saved(Image.new("RGB", (64, 48), "red"), "JPEG", icc_profile=swapped[:90] + bytes(300)))
    assert near(opened(broken.preview).getpixel((30, 20)), "red")


def deep_png(colour: int, samples: list[int], size: int = 32) -> bytes:
    """A PNG of 16 bits a sample, which Pillow cannot write in colour."""
    rows = (b"\0" + struct.pack(f">{len(samples)}H", *samples) * size) * size
    out = b"\x89PNG\r\n\x1a\n"
    head = struct.pack(">LLBBBBB", size, size, 16, colour, 0, 0, 0)
    for kind, body in ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")):
        out += struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))
    return out


def tinted(mode: str, colour: Any, **info: Any) -> bytes:
    return saved(Image.new(mode, (64, 48), colour), "PNG", **info)


ODD_MODES: dict[str, tuple[Callable[[], bytes], str | tuple[int, int, int]]] = {
    "a CMYK JPEG": (lambda: saved(Image.new("CMYK", (64, 48), (0, 255, 255, 0)), "JPEG"), "red"),
    "a grey JPEG": (lambda: saved(Image.new("L", (64, 48), 90), "JPEG"), (90, 90, 90)),
    "alpha half through": (lambda: tinted("RGBA", (255, 0, 0, 128)), (255, 127, 127)),
    "nothing but transparency": (lambda: tinted("RGBA", (0, 0, 0, 0)), "white"),
    "grey with alpha": (lambda: tinted("LA", (0, 128)), (127, 127, 127)),
    "a palette": (lambda: saved(Image.new("RGB", (64, 48), "lime").quantize(4), "PNG"), "lime"),
    "a palette with a hole": (lambda: saved(Image.new("P", (64, 48), 0), "PNG", transparency=0), "white"),
    "a colour that means transparent": (lambda: tinted("RGB", (9, 8, 7), transparency=(9, 8, 7)), "white"),
    "one bit": (lambda: tinted("1", 1), "white"),
    "sixteen bits of grey": (lambda: deep_png(0, [0x8000]), (128, 128, 128)),
    "sixteen bits of colour": (lambda: deep_png(2, [0xFFFF, 0x8000, 0]), (255, 128, 0)),
    "sixteen bits with alpha": (lambda: deep_png(6, [0, 0, 0xFFFF, 0x8000]), (127, 127, 255)),
    "a WebP with alpha": (lambda: saved(Image.new("RGBA", (64, 48), (255, 0, 0, 0)), "WEBP", lossless=True), "white"),
    "an AVIF with alpha": (lambda: saved(Image.new("RGBA", (64, 48), (255, 0, 0, 0)), "AVIF"), "white"),
    "a HEIC with alpha": (lambda: photos.heic_of(Image.new("RGBA", (64, 64), (255, 0, 0, 0))), "white"),
    "a grey HEIC": (lambda: photos.heic_of(Image.new("L", (64, 64), 200)), (200, 200, 200)),
}


@pytest.mark.parametrize("name", ODD_MODES)
def test_every_kind_of_pixel_ends_as_it_looks(name: str, made: Made) -> None:
    make, colour = ODD_MODES[name]
    result = made(make())
    assert (result.state, result.detail) == ("made", "")
    assert near(opened(result.preview).getpixel((16, 16)), colour, within=6)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIC"])
def test_a_large_picture_is_shrunk_in_strips_without_seams(kind: str, made: Made) -> None:
    picture = photos.scene(2900, 1900, seed=3)
    photo = (
        photos.heic_of(picture) if kind == "HEIC" else saved(picture, kind, **({"method": 0} if kind == "WEBP" else {}))
    )
    result = made(photo, preview_px=400)
    assert opened(result.preview).size == (400, 262)
    shown, wanted = opened(result.preview), picture.resize((400, 262), Image.Resampling.BICUBIC)
    wanted = Image.open(io.BytesIO(saved(wanted, "JPEG", quality=80)))
    for y in range(262):
        rows = zip(shown.crop((0, y, 400, y + 1)).tobytes(), wanted.crop((0, y, 400, y + 1)).tobytes(), strict=True)
        assert sum(abs(a - b) for a, b in rows) / 1200 < 10, y


@pytest.mark.parametrize("size", [(1, 1), (3000, 1), (1, 3000), (17, 4000)])
def test_the_smallest_and_the_thinnest(size: tuple[int, int], made: Made) -> None:
    for kind in ("JPEG", "PNG"):
        result = made(saved(Image.new("RGB", size, "red"), kind))
        assert result.state == "made"
        assert max(opened(result.preview).size) == min(1600, max(size))


def test_like_pictures_have_like_hashes(made: Made) -> None:
    def bits(photo: bytes) -> int:
        return int(made(photo).dhash or "", 16)

    one, again = bits(photos.jpeg(800, 600, seed=1)), bits(photos.jpeg(400, 300, seed=1, quality=50))
    other = bits(photos.jpeg(800, 600, seed=2))
    assert (one ^ again).bit_count() <= 4
    assert (one ^ other).bit_count() >= 16


@pytest.mark.parametrize("maker", MAKERS)
def test_a_photo_cut_anywhere_is_unreadable_at_worst(maker: str, made: Made, tmp_path: Path) -> None:
    whole = getattr(photos, maker)(96, 64, gps=(37.87, 112.55))
    for part in (0.02, 0.2, 0.4, 0.6, 0.8, 0.95, 0.999):
        result = made(whole[: max(40, int(len(whole) * part))])
        assert result.state in ("made", "unreadable")
        assert bool(result.reason) == (result.state == "unreadable")
        assert (result.preview is not None) == (result.state == "made" or result.partial)
        assert {path.name for path in tmp_path.iterdir()} <= {"photo", "lock", "preview.jpg", "thumb.jpg"}


def test_what_is_left_of_a_cut_jpeg_is_shown_as_a_part(made: Made) -> None:
    whole = saved(photos.corners(640, 480), "JPEG", quality=95)
    result = made(whole[: int(len(whole) * 0.7)])
    assert (result.state, result.reason, result.partial) == ("unreadable", "truncated", True)
    assert near(opened(result.preview).getpixel((40, 40)), "red")


def test_what_sniff_refuses_is_not_made_and_never_decoded(made: Made) -> None:
    gif = made(saved(Image.new("L", (8, 8)), "GIF"))
    assert (gif.state, gif.reason) == ("not_made", "unsupported-media-type")
    assert made(photos.jpeg(64, 64) + b"<script>").reason == "polyglot-refused"
    assert made(photos.png(64, 64), max_pixels=64).reason == "image-too-large"


def test_what_would_cost_too_much_memory_is_not_begun(made: Made) -> None:
    result = made(photos.png(2000, 1000), memory=1 << 20, heavy_memory=50 << 20)
    assert (result.state, result.reason) == ("not_made", "needs-too-much-memory")
    assert result.detail == "about 55 MiB, at most 50"
    assert result.facts.width == 2000


def many_scans(times: int) -> bytes:
    """The slowest JPEG for its size: a progressive one whose last scan comes again and again."""
    photo = saved(Image.new("RGB", (4000, 3000), "red"), "JPEG", progressive=True)
    last = photo.rindex(b"\xff\xda")
    return photo[:-2] + photo[last:-2] * times + b"\xff\xd9"


@pytest.mark.parametrize("kind", ["PNG", "HEIC"])
def test_a_photo_over_its_memory_is_not_made_and_the_next_one_is(
    kind: str, made: Made, decoders: images.Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renditions, "memory_needed", lambda *_: 0)  # as for a decoder that takes more than we know
    decoders.close()  # a fresh process has nothing left over from before
    photo = photos.png(6000, 4000) if kind == "PNG" else photos.heic(3000, 2000)
    result = made(photo, memory=1 << 20, heavy_memory=2 << 20)
    assert (result.state, result.preview) == ("not_made", None)
    assert result.reason in ("needs-too-much-memory", "decoder-crashed")  # HEIC's decoder cannot say it, it dies
    assert made(photos.jpeg(64, 48)).state == "made"


@pytest.mark.parametrize("kind", ["PNG", "HEIC", "WEBP", "AVIF"])
def test_a_photo_that_failed_for_want_of_memory_is_tried_with_more(
    kind: str, made: Made, decoders: images.Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renditions, "memory_needed", lambda *_: 0)
    decoders.close()
    even = Image.new("RGB", (3000, 2000), "teal")
    photo = photos.heic_of(even) if kind == "HEIC" else saved(even, kind, **({"method": 0} if kind == "WEBP" else {}))
    assert made(photo, memory=1 << 20).state == "made"


def test_a_photo_over_its_time_is_not_made_and_the_next_one_is(made: Made, tmp_path: Path) -> None:
    bomb = many_scans(3000)
    slow = made(bomb, cpu_seconds=0)
    assert (slow.state, slow.reason, slow.facts.width) == ("not_made", "cpu-limit", 4000)
    assert made(photos.jpeg(64, 48)).state == "made"
    late = made(bomb, wall_seconds=0.3)
    assert (late.state, late.reason) == ("not_made", "wall-limit")
    assert {path.name for path in tmp_path.iterdir()} == {"photo", "preview.jpg", "thumb.jpg"}
    assert made(photos.heic(64, 48)).state == "made"


def test_a_decoder_that_dies_takes_nothing_with_it(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    assert made(photos.jpeg(64, 48)).state == "made"
    asked = processes.Child.ask

    def shot(child: processes.Child, request: dict[str, Any], wall_seconds: float) -> dict[str, Any]:
        os.kill(child.pid, signal.SIGSEGV)
        return asked(child, request, wall_seconds)

    with monkeypatch.context() as patch:
        patch.setattr(processes.Child, "ask", shot)
        result = made(photos.jpeg(64, 48))
    assert (result.state, result.reason, result.facts.width) == ("not_made", "decoder-crashed", 64)
    assert made(photos.jpeg(64, 48)).state == "made"


def test_an_idle_decoder_that_was_killed_is_replaced(made: Made, decoders: images.Children) -> None:
    with decoders.one() as child:
        pid = child.pid
    os.kill(pid, signal.SIGKILL)
    while Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z":
        pass
    assert made(photos.jpeg(64, 48)).state == "made"


def test_one_decoder_serves_many_and_is_replaced_in_time(
    made: Made, decoders: images.Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pid() -> int:
        with decoders.one() as child:
            return child.pid

    first = pid()
    assert made(photos.jpeg(64, 48)).state == made(photos.png(64, 48)).state == "made"
    assert pid() == first
    monkeypatch.setattr(processes, "_PICTURES", 0)
    assert made(photos.jpeg(64, 48)).state == "made"
    monkeypatch.undo()
    assert pid() != first


def test_two_callers_at_once_each_get_their_own(tmp_path: Path) -> None:
    pool = images.Children(2)

    def one(number: int) -> tuple[int, str | None]:
        folder = tmp_path / str(number)
        folder.mkdir()
        source = folder / "photo"
        source.write_bytes(photos.jpeg(200 + number, 150, seed=number))
        result = images.make_renditions(source, folder, children=pool)
        assert opened(result.preview).size == (200 + number, 150)
        return number, result.dhash

    with ThreadPoolExecutor(6) as threads:
        done = dict(threads.map(one, range(24)))
    pool.close()
    assert sorted(done) == list(range(24))
    assert len(set(done.values())) > 20


def test_large_pictures_wait_for_each_other(made: Made, tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        busy = made(photos.png(64, 48), memory=1, lock_seconds=0.1)
        assert (busy.state, busy.reason) == ("not_made", "busy")
        assert made(photos.png(64, 48)).state == "made"  # a small one waits for nobody
    assert made(photos.png(64, 48), memory=1).state == "made"


def test_a_forked_worker_starts_decoders_of_its_own(tmp_path: Path, decoders: images.Children) -> None:
    source = tmp_path / "photo"
    source.write_bytes(photos.jpeg(64, 48))
    with decoders.one() as child:
        mine = child.pid
    forked = os.fork()
    if not forked:
        try:
            result = images.make_renditions(source, tmp_path, children=decoders)
            with decoders.one() as child:
                own = child.pid != mine
            decoders.close()
            os._exit(0 if own and result.state == "made" else 1)
        finally:
            os._exit(2)
    assert os.waitpid(forked, 0)[1] == 0
    assert images.make_renditions(source, tmp_path, children=decoders).state == "made"


def test_a_full_or_missing_disk_is_no_fault_of_the_photo(tmp_path: Path, decoders: images.Children) -> None:
    source = tmp_path / "photo"
    source.write_bytes(photos.jpeg(64, 48))
    with pytest.raises(FileNotFoundError):
        images.make_renditions(source, tmp_path / "nowhere", children=decoders)
    with pytest.raises(FileNotFoundError):
        images.make_renditions(tmp_path / "none", tmp_path, children=decoders)
    with pytest.raises(ValueError, match="out_dir"):
        images.make_renditions(source)
    assert [path.name for path in tmp_path.iterdir()] == ["photo"]
    made = images.make_renditions(source, preview=tmp_path / "p", thumb=tmp_path / "t", children=decoders)
    assert made.preview is not None
    assert made.preview.path == tmp_path / "p"


def test_a_large_baseline_photo_takes_little_memory(made: Made) -> None:
    result = made(saved(Image.new("RGB", (12_000, 9_000), "teal"), "JPEG"))
    assert result.state == "made"
    assert opened(result.preview).size == (1600, 1200)
    assert 0 < result.peak_bytes < 150 << 20


SMALL = [getattr(photos, maker)(48, 32, orientation=6) for maker in MAKERS]
CHANGES = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=6)), min_size=1, max_size=10
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(which=st.integers(0, len(SMALL) - 1), changes=CHANGES)
def test_any_damage_ends_in_a_result(which: int, changes: list[tuple[float, bytes]], made: Made) -> None:
    photo = bytearray(SMALL[which])
    for where, what in changes:
        at = 12 + int(where * (min(len(photo), 3000) - 12))
        photo[at : at + len(what)] = what
    result = made(bytes(photo))
    assert result.state in ("made", "unreadable", "not_made")
    assert bool(result.reason) == (result.state != "made")
    # libheif does crash on one broken HEIC in two hundred: the reason why nothing is decoded where it could hurt.
    assert result.reason != "decoder-crashed" or MAKERS[which] == "heic"
