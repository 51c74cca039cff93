"""Seen before: how many copies are found, how many photos are wrongly flagged, and what the index takes.

    python -m bench.likeness [--quick] [--scenes 2000] [--crowd 5000000] [--pairs 20000]

Each made scene (tests/scenes.py) is photographed, changed in every way, made into thumbs as the product makes them, and
looked for among all scenes; a twentieth of them also among `--crowd` prints. Those are drawn from the waves of the made scenes
(mean and covariance of each kind), so that they crowd together as prints of such pictures do: even bits would be too kind.
Wrongly flagged is measured in three ways: photographs of the same place on another day, which are the hard ones; the
`--pairs` nearest pairs of different scenes, laid upon each other; and how many prints of the crowd are near to a photo.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one thread each, as many processes as cores

import io
import itertools
import multiprocessing
import random
import resource
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFont

import config
from bench import timing
from server.evidence.likeness import prints
from server.evidence.likeness.aligning import Fit, laid_upon
from server.evidence.likeness.index import Index, nearest
from server.evidence.likeness.rules import is_one_light
from server.evidence.likeness.search import is_copy
from server.kit.images.pixels import as_jpeg, fitted
from tests.scenes import KINDS, Camera, Scene

SETTINGS = config.Config(secret_key="0" * 32)
Change = Callable[[Image.Image, random.Random], Image.Image]


def _cut(most: float) -> Change:
    """`most` of width and of height taken off, from either side as it comes."""
    def change(picture: Image.Image, dice: random.Random) -> Image.Image:
        left, top = dice.uniform(0, most), dice.uniform(0, most)
        wide, high = picture.size
        return picture.crop((
            round(left * wide), round(top * high), round((1 - most + left) * wide), round((1 - most + top) * high),
        ))
    return change


def _caption(picture: Image.Image, dice: random.Random) -> Image.Image:
    """Three lines in a corner, as messengers and camera apps stamp them."""
    picture = picture.copy()
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(20)
    x, y = dice.choice([10, picture.width - 260]), dice.choice([10, picture.height - 75])
    for line in range(3):
        said = f"2026-11-26 10:{dice.randrange(60):02d}  Site {dice.randrange(9999)}"
        draw.text((x, y + line * 22), said, fill="white", font=font, stroke_width=1, stroke_fill="black")
    return picture


def _resized(factor: float) -> Change:
    return lambda picture, _: picture.resize(
        (round(picture.width * factor), round(picture.height * factor)), Image.Resampling.LANCZOS
    )


def _mirrored(picture: Image.Image, _: random.Random) -> Image.Image:
    return picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def _all(*changes: Change) -> Change:
    def change(picture: Image.Image, dice: random.Random) -> Image.Image:
        for one in changes:
            picture = one(picture, dice)
        return picture
    return change


def _brightness(factor: float) -> Change:
    return lambda picture, _: ImageEnhance.Brightness(picture).enhance(factor)


def _vignette(picture: Image.Image, _: random.Random) -> Image.Image:
    """Corners darker by a third, as filters of camera apps have them."""
    down, across = np.mgrid[0:1:picture.height * 1j, 0:1:picture.width * 1j]
    shade = 1 - 0.65 * ((across - 0.5) ** 2 + (down - 0.5) ** 2)
    return Image.fromarray((np.asarray(picture, np.float32) * shade[:, :, None]).astype(np.uint8))


# what was done → (how, JPEG quality it was saved with, least share to be found, or None where there is no goal)
CHANGES: dict[str, tuple[Change, int, float | None]] = {
    "saved again, quality 50": (_all(), 50, 0.99),
    "saved again, quality 20": (_all(), 20, 0.99),
    "half the size (our thumb's)": (_resized(0.5), 85, 0.99),
    "three eighths of the size": (_resized(0.375), 85, 0.99),
    "cut by 5 %": (_cut(0.05), 85, 0.95),
    "cut by 10 %": (_cut(0.1), 85, 0.95),
    "mirrored": (_mirrored, 85, 0.95),
    "mirrored, cut by 10 %": (_all(_mirrored, _cut(0.1)), 85, 0.95),
    "brighter by 30 %": (_brightness(1.3), 85, None),
    "darker by 30 %": (_brightness(0.7), 85, None),
    "contrast by 40 %": (lambda picture, _: ImageEnhance.Contrast(picture).enhance(1.4), 85, None),
    "gamma 0.7": (lambda picture, _: picture.point(lambda level: 255 * (level / 255) ** 0.7), 85, None),
    "caption": (_caption, 85, None),
    "saturation 1.4": (lambda picture, _: ImageEnhance.Color(picture).enhance(1.4), 85, None),
    "vignette": (_vignette, 85, None),
    "0.6 size, cut 6 %, caption, brighter, q60": (_all(_resized(0.6), _cut(0.06), _caption, _brightness(1.15)), 60, None),
}
AFTERWARDS = {  # another photograph: how far the camera is from where it was, at most
    "same place, another day": 1.0,
    "same place, care taken to stand there": 0.5,
    "same place, nearly a tripod": 0.2,
    "same place, within three thousandths of the frame": 0.05,
    "same place, a camera on a mount": 0.0,
}


def _again(dice: random.Random, number: int, far: float) -> Camera:
    def about(most: float) -> float:
        return dice.uniform(-most, most) * far

    return Camera(
        x=about(0.06), y=about(0.05), turn=about(3), zoom=1 + about(0.07), tilt=about(1), step=about(0.03),
        light=number, changed=dice.randint(0, 3), noise=number,
    )


def thumb(picture: Image.Image, quality: int) -> bytes:
    """As the product makes it of a JPEG of that quality."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    with Image.open(out) as sent:
        small = sent.resize(fitted(sent.size, 320), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return as_jpeg(small, 75)


def made(number: int) -> tuple[int, bytes, dict[str, bytes]]:
    """One scene: its photo's thumb, and those of all that was made of it."""
    dice, scene = random.Random(f"changes {number}"), Scene(number)
    picture = scene.view()
    changed = {name: thumb(change(picture, dice), quality) for name, (change, quality, _) in CHANGES.items()}
    for day, (name, far) in enumerate(AFTERWARDS.items(), 1):
        changed[name] = thumb(scene.view(_again(dice, day, far)), 85)
    return number, thumb(picture, 85), changed


def opened(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("L")


class Looked(NamedTuple):
    """What came of looking for one picture: whether its scene was near, whether it was flagged as a photo of anything
    would be and as one of the same item on another day, others flagged."""

    near: bool
    flagged: bool
    again: bool
    others: int
    checked: int


class World:
    """The thumbs and prints of all scenes. It is inherited by the processes that look."""

    def __init__(self, scenes: list[tuple[int, bytes, dict[str, bytes]]]) -> None:
        self.photos = [photo for _, photo, _ in scenes]
        self.changed = [changed for _, _, changed in scenes]
        self.pixels = [prints.grey(opened(photo)) for photo in self.photos]
        self.waves = np.array([prints.waves_of(one) for one in self.pixels])
        self.bits = np.array([prints.print_of(one) for one in self.pixels])
        self.index = Index()
        self.index.add(np.arange(1, len(self.bits) + 1), self.bits)
        self.index.sort()
        self.crowd = self.index

    def look(self, place: int, name: str, *, crowd: bool = False) -> Looked:
        picture = opened(self.changed[place][name])
        asked = prints.asked_of(prints.grey(picture))
        index = self.crowd if crowd else self.index
        found = index.search(asked, within=SETTINGS.likeness_doubt_percent / 100, most=SETTINGS.likeness_checks)
        near = flagged = again = False
        others = 0
        own = [] if any(one.seq == place + 1 for one in found) else [nearest(asked, place + 1, self.bits[place])]
        for one in [*found, *own]:
            at = one.seq - 1
            if at >= len(self.photos):
                continue  # of the crowd: bits without a picture
            fit = laid_upon(
                picture, opened(self.photos[at]), asked.windows[one.look], mirrored=bool(asked.mirrored[one.look])
            )
            near = near or (at == place and one not in own)
            if is_copy(fit, SETTINGS):
                flagged, others = flagged or (at == place and one not in own), others + (at != place)
                # photos of the same item are looked at whether near or not (search.look_for)
                again = again or (at == place and is_one_light(fit.light, permille=SETTINGS.likeness_light_permille))
        return Looked(near, flagged, again, others, len(found))

    def pair(self, one: int, other: int, look: int) -> Fit:
        asked = prints.asked_of(self.pixels[one])
        return laid_upon(
            opened(self.photos[one]), opened(self.photos[other]), asked.windows[look], mirrored=bool(asked.mirrored[look])
        )


WORLD: World


def _look(task: tuple[int, str, bool]) -> Looked:
    return WORLD.look(task[0], task[1], crowd=task[2])


def _pair(task: tuple[int, int, int]) -> tuple[float, float, bool]:
    fit = WORLD.pair(*task)
    return fit.fitting, fit.drift, is_copy(fit, SETTINGS)


def _near(place: int) -> list[tuple[int, int, int, int]]:
    """(bits, place, other, look) of the scenes that are nearest to one, other than itself."""
    asked = prints.asked_of(WORLD.pixels[place])
    found = []
    for other in range(len(WORLD.bits)):
        if other != place:
            distances = np.bitwise_count(asked.bits ^ WORLD.bits[other]).sum(axis=1)
            look = int(distances.argmin())
            found.append((int(distances[look]), place, other, look))
    return sorted(found)[:40]


def drawn(waves: np.ndarray, count: int) -> Iterator[np.ndarray]:
    """Prints as such scenes have them: waves of each kind's mean and covariance, a share of the kind's share."""
    dice = np.random.default_rng(5)
    of_kind = np.array([number % len(KINDS) for number in range(len(waves))])
    for kind in range(len(KINDS)):
        own = waves[of_kind == kind]
        many = count * (kind + 1) // len(KINDS) - count * kind // len(KINDS)
        covariance = np.cov(own.T) + np.eye(own.shape[1]) * own.var() * 1e-3
        shape = np.linalg.cholesky(covariance).astype(np.float32)
        for begin in range(0, many, 100_000):
            part = min(100_000, many - begin)
            strength = dice.standard_normal((part, own.shape[1]), np.float32) @ shape.T + own.mean(0).astype(np.float32)
            yield np.packbits(strength > 0, axis=1, bitorder="little").view(np.uint64)


def crowded(world: World, count: int) -> Index:
    """The scenes, and as many drawn ones as make `count`."""
    bits = np.concatenate([world.bits, *drawn(world.waves, count - len(world.bits))])
    index = Index()
    index.add(np.arange(1, len(bits) + 1), bits[np.concatenate([
        np.arange(len(world.bits)), len(world.bits) + np.random.default_rng(6).permutation(len(bits) - len(world.bits)),
    ])])
    index.sort()
    return index


def _recall(pool: Any, scenes: int, crowd: bool, names: list[str]) -> dict[str, list[Looked]]:
    return {name: pool.map(_look, [(place, name, crowd) for place in range(scenes)], chunksize=16) for name in names}


def report_recall(all_: dict[str, list[Looked]], some: dict[str, list[Looked]], crowd: int) -> None:
    print(f"\n| what was done | near | flagged | flagged among {crowd:,} | same item, another day | others flagged | goal |\n"
          "|---|---|---|---|---|---|---|")
    for name, looked in all_.items():
        goal = CHANGES[name][2] if name in CHANGES else 0.0
        said = "" if goal is None else f"≥ {goal:.0%}" if goal else "none"
        near, flagged, again = (statistics.mean(found) for found in zip(*(one[:3] for one in looked), strict=True))
        among, others = statistics.mean(one.flagged for one in some[name]), sum(one.others for one in looked)
        print(f"| {name} | {near:.2%} | {flagged:.2%} | {among:.2%} | {again:.2%} | {others} | {said} |", flush=True)


def report_pairs(pool: Any, scenes: int, most: int) -> float:
    """Lay the nearest pairs of different scenes upon each other; the share flagged, from above (rule of three)."""
    pairs = sorted({one for found in pool.imap_unordered(_near, range(scenes), chunksize=8) for one in found})[:most]
    fits = pool.map(_pair, [pair[1:] for pair in pairs], chunksize=64)
    wrong, fitting = sum(copy for *_, copy in fits), sorted(one for one, *_ in fits)
    print(f"\npairs          {len(pairs):,} of different scenes, {pairs[0][0]} to {pairs[-1][0]} bits apart: {wrong} flagged;"
          f" parts that fit: {fitting[-1]:.2f} at most, 999 of 1,000 below {fitting[int(0.999 * len(fitting))]:.2f}"
          f" (a copy: {SETTINGS.likeness_fit_percent / 100:.2f})", flush=True)
    return max(3, wrong) / len(pairs)


def report_sizes(world: World, sizes: list[int]) -> None:
    """Memory and time at each size, beside what comparing all would take."""
    print("\n| prints | memory | sorted in | a search, p50 | p95 | CPU | near, mean | 1 look at all | 142 looks | ratio |\n"
          "|---|---|---|---|---|---|---|---|---|---|")
    asked = [prints.asked_of(prints.grey(opened(one["cut by 10 %"]))) for one in world.changed[:60]]
    for size in sizes:
        index = crowded(world, size)
        begun = time.perf_counter()
        index.sort()
        sorted_in = time.perf_counter() - begun
        waits, cpu, near = [], [], []
        for one in asked:
            begun, used = time.perf_counter(), time.process_time()
            near.append(len(index.search(one, within=SETTINGS.likeness_doubt_percent / 100, most=10**6)))
            waits.append(time.perf_counter() - begun)
            cpu.append(time.process_time() - used)
        words = np.ascontiguousarray(index.bits[:, 0])
        plain = min(_timed(lambda words=words: np.bitwise_count(words ^ asked[0].bits[0, 0]) <= 13) for _ in range(5))
        middle = statistics.median(waits)
        print(f"| {size:,} | {index.nbytes / 1e6:.0f} MB | {sorted_in:.2f} s | {middle * 1e3:.1f} ms | "
              f"{timing.percentile(waits, 95):.1f} ms | {statistics.mean(cpu) * 1e3:.1f} ms | {statistics.mean(near):.1f} | "
              f"{plain * 1e3:.1f} ms | {plain * 142 * 1e3:.0f} ms | {plain * 142 / middle:.1f} |", flush=True)
        world.crowd = index
    print(f"\nmost memory of the process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB")


def _timed(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    begun = clock()
    work()
    return clock() - begun


def _cpu(works: Iterable[Callable[[], object]]) -> float:
    """Milliseconds of CPU for one of them: others may be at work on this machine."""
    return statistics.mean(_timed(work, time.process_time) for work in works) * 1e3


def report_machine(world: World) -> None:
    """What one core copies a second, and what the parts of looking for one photo take."""
    block = np.zeros(50_000_000, np.uint64)
    target = block.copy()
    seconds = min(_timed(lambda: np.copyto(target, block)) for _ in range(3))
    copied = 2 * block.nbytes / seconds / 1e9
    print(f"\nmemory         {copied:.1f} GB/s copied by one core; ours of the cores: {timing.share():.0%}")
    data = world.photos[:40]
    middle = prints.Window(0.1, 0.9, 0.1, 0.9)
    opening = _cpu(lambda one=one: prints.asked_of(prints.grey(opened(one))) for one in data)
    same = _cpu(lambda one=one: laid_upon(opened(one), opened(one), middle, mirrored=False) for one in data)
    other = _cpu(
        lambda one=one, two=two: laid_upon(opened(one), opened(two), middle, mirrored=False)
        for one, two in itertools.pairwise(data)
    )
    print(f"one photo      CPU: thumb to looks {opening:.1f} ms; a check of a copy {same:.1f} ms, of another scene "
          f"{other:.1f} ms, so {SETTINGS.likeness_checks} of these {SETTINGS.likeness_checks * other:.0f} ms", flush=True)


def main() -> None:
    """Print recall, wrongly flagged, memory and time."""
    global WORLD
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="200 scenes, a crowd of 200,000, 2,000 pairs")
    parser.add_argument("--scenes", type=int, default=2000)
    parser.add_argument("--crowd", type=int, default=5_000_000)
    parser.add_argument("--pairs", type=int, default=20_000)
    given = parser.parse_args()
    scenes, crowd, most = (200, 200_000, 2_000) if given.quick else (given.scenes, given.crowd, given.pairs)
    cores, forked = multiprocessing.cpu_count(), multiprocessing.get_context("fork")
    begun = time.perf_counter()
    with forked.Pool(cores) as pool:
        WORLD = World(pool.map(made, range(scenes), chunksize=4))
    print(f"scenes         {scenes:,} of {len(set(KINDS))} kinds × {len(CHANGES) + len(AFTERWARDS)}, "
          f"made in {time.perf_counter() - begun:.0f} s", flush=True)
    report_machine(WORLD)
    report_sizes(WORLD, sorted({size for size in (100_000, 1_000_000) if size < crowd} | {crowd}))
    names = [*CHANGES, *AFTERWARDS]
    with forked.Pool(cores) as pool:
        some = _recall(pool, min(scenes, max(60, scenes // 20)), True, names)
        report_recall(_recall(pool, scenes, False, names), some, crowd)
        share = report_pairs(pool, scenes, most)
    near = statistics.mean(one.checked for looked in some.values() for one in looked)
    wrong = 1000 * near * share
    print(f"among {crowd:,}  {near:.1f} prints near to a photo on average (at most {SETTINGS.likeness_checks} are checked), so "
          f"at most {wrong:.2f} of 1,000 photos wrongly flagged for another scene (95 % sure, from {most:,} pairs)")
    print(f"all in         {time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
