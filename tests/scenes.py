"""Made photographs for bench/likeness.py: scenes of building sites, of which many of a kind are much alike.

A scene is drawn in two depths, so that a step aside moves the near things more than the far ones. `view` takes a
photograph of it: where the camera stood, what light there was, what was changed since, and the camera's own noise.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

WIDE, HIGH = 640, 480  # of a photograph
_MARGIN = 110  # drawn around it, so that the camera may move
_BIG = (WIDE + 2 * _MARGIN, HIGH + 2 * _MARGIN)
KINDS = ("façade", "façade", "façade", "insulation", "scaffold", "pipes", "stairs", "yard", "cabinet", "roof")


@dataclass(frozen=True, slots=True)
class Camera:
    """Where it stood: shares of the frame, degrees, factor; `step` is how far the near things move against the far."""

    x: float = 0.0
    y: float = 0.0
    turn: float = 0.0
    zoom: float = 1.0
    tilt: float = 0.0
    step: float = 0.0
    light: int = 0  # another number is another light
    changed: int = 0  # things that stand there now and did not before
    noise: int = 0


class Scene:
    """One place. The same number is the same place; the kind goes by the number."""

    def __init__(self, number: int) -> None:
        self.number, self.kind = number, KINDS[number % len(KINDS)]
        self._dice = random.Random(f"scene {number}")
        self.far = Image.new("RGB", _BIG, self._tone(150, 40))
        self.near = Image.new("RGBA", _BIG)
        self._far, self._near = ImageDraw.Draw(self.far), ImageDraw.Draw(self.near)
        {"façade": self._facade, "insulation": self._insulation, "scaffold": self._scaffold, "pipes": self._pipes,
         "stairs": self._stairs, "yard": self._yard, "cabinet": self._cabinet, "roof": self._roof}[self.kind]()
        self._ground = self._grain(self._dice.uniform(4, 14))
        self.far = self._slanted(self.far)

    # -- what stands there ---------------------------------------------------------------------------------------

    def _tone(self, middle: float, spread: float, warm: float = 8) -> tuple[int, int, int]:
        level = self._dice.gauss(middle, spread)
        return tuple(int(min(255, max(0, level + self._dice.gauss(shift, 8)))) for shift in (warm, 0, -warm))  # type: ignore[return-value]

    def _facade(self) -> None:
        """Windows in rows, as a thousand blocks of the same years have them."""
        dice, draw = self._dice, self._far
        wall, glass, frame = self._tone(165, 15), self._tone(70, 15, -10), self._tone(220, 10)
        draw.rectangle((0, 0, *_BIG), fill=wall)
        wide, high = dice.choice([90, 104, 118]), dice.choice([92, 104])
        step, storey = wide + dice.randint(-3, 3), high + dice.randint(-2, 2)
        inner, inner_high = step * dice.uniform(0.4, 0.5), storey * dice.uniform(0.48, 0.56)
        left, top = dice.randint(-60, 0), dice.randint(-60, 0)
        for row in range(9):
            y = top + row * storey
            if dice.random() < 0.9:
                draw.line((0, y + storey * 0.85, _BIG[0], y + storey * 0.85), fill=self._tone(145, 6), width=3)
            for column in range(11):
                x = left + column * step
                draw.rectangle((x, y, x + inner, y + inner_high), fill=frame)
                pane = self._tone(70, 18, -10) if dice.random() < 0.35 else glass
                draw.rectangle((x + 3, y + 3, x + inner / 2 - 1, y + inner_high - 3), fill=pane)
                pane = self._tone(75, 25, -10) if dice.random() < 0.25 else glass
                draw.rectangle((x + inner / 2 + 2, y + 3, x + inner - 3, y + inner_high - 3), fill=pane)
                chance = dice.random()
                if chance < 0.16:  # the box of an air conditioner, or washing
                    box = (x + inner + 4, y + inner_high - 24, x + inner + 30, y + inner_high)
                    draw.rectangle(box, fill=self._tone(205, 12))
                elif chance < 0.24:
                    draw.rectangle((x + 2, y + inner_high, x + inner, y + inner_high + 22), fill=self._tone(130, 60))
        if dice.random() < 0.7:
            self._pole()
        if dice.random() < 0.6:
            self._things(dice.randint(1, 4))

    def _insulation(self) -> None:
        """Boards on a wall, half of them with anchors."""
        dice, draw = self._dice, self._far
        draw.rectangle((0, 0, *_BIG), fill=self._tone(185, 12))
        wide, high = dice.randint(110, 150), dice.randint(56, 72)
        for row in range(12):
            shift = (row % 2) * wide / 2 + dice.uniform(-4, 4)
            for column in range(-1, 9):
                x, y = shift + column * wide, row * high
                draw.rectangle((x, y, x + wide - 3, y + high - 3), fill=self._tone(188, 9))
                for spot in range(dice.choice([0, 2, 2, 3])):
                    at = x + wide * (spot + 0.7) / 3.4, y + high * dice.uniform(0.4, 0.6)
                    draw.ellipse((at[0] - 5, at[1] - 5, at[0] + 5, at[1] + 5), fill=self._tone(95, 12))
        if dice.random() < 0.6:
            x = dice.randint(100, _BIG[0] - 300)
            draw.rectangle((x, dice.randint(100, 400), x + dice.randint(120, 260), _BIG[1]), fill=self._tone(80, 20))
        self._things(dice.randint(0, 3))

    def _scaffold(self) -> None:
        dice = self._dice
        self._facade() if dice.random() < 0.5 else self._insulation()
        draw = self._near
        steel, net = self._tone(110, 25), (*self._tone(110, 20, -25), dice.randint(40, 110))
        step, storey = dice.randint(120, 160), dice.randint(130, 165)
        begin, top = dice.randint(-80, 0), dice.randint(-80, 0)
        for column in range(9):
            x = begin + column * step + dice.randint(-6, 6)
            draw.line((x, 0, x + dice.randint(-8, 8), _BIG[1]), fill=steel, width=6)
        for row in range(7):
            y = top + row * storey + dice.randint(-6, 6)
            draw.line((0, y, _BIG[0], y + dice.randint(-8, 8)), fill=steel, width=5)
            draw.line((0, y + 6, _BIG[0], y + 8), fill=self._tone(140, 20, 25), width=8)
            if dice.random() < 0.6:
                x = begin + dice.randint(0, 6) * step
                draw.line((x, y, x + step, y + storey), fill=steel, width=4)
        if dice.random() < 0.7:
            x, y = dice.randint(0, 400), dice.randint(0, 300)
            draw.rectangle((x, y, x + dice.randint(150, 400), y + dice.randint(100, 300)), fill=net)

    def _pipes(self) -> None:
        dice, draw = self._dice, self._far
        draw.rectangle((0, 0, *_BIG), fill=self._tone(150, 25))
        draw.rectangle((0, dice.randint(380, 560), *_BIG), fill=self._tone(105, 20))
        for _ in range(dice.randint(3, 8)):
            thick, tone = dice.randint(12, 46), self._tone(140, 50, dice.choice([-25, 0, 30]))
            if dice.random() < 0.6:
                x = dice.randint(0, _BIG[0])
                points = [(x, 0), (x, dice.randint(150, 500)), (x + dice.randint(-260, 260), dice.randint(400, 700))]
            else:
                y = dice.randint(60, 600)
                points = [(0, y), (dice.randint(200, 700), y + dice.randint(-20, 20)), (_BIG[0], y + dice.randint(-160, 160))]
            draw.line(points, fill=tone, width=thick, joint="curve")
            draw.line(points, fill=tuple(min(255, part + 35) for part in tone), width=max(2, thick // 4), joint="curve")
            for _ in range(dice.randint(0, 3)):
                at = dice.choice(points)
                draw.ellipse((at[0] - thick, at[1] - thick, at[0] + thick, at[1] + thick), fill=self._tone(90, 30))
        self._things(dice.randint(1, 4))

    def _stairs(self) -> None:
        dice, draw = self._dice, self._far
        draw.rectangle((0, 0, *_BIG), fill=self._tone(195, 15))
        draw.rectangle((0, _BIG[1] * dice.uniform(0.45, 0.65), *_BIG), fill=self._tone(130, 15))
        x, y, wide = dice.randint(80, 260), dice.randint(180, 300), dice.randint(300, 460)
        for step in range(dice.randint(7, 12)):
            level = 175 - step * dice.uniform(4, 8)
            draw.rectangle((x, y, x + wide, y + 22), fill=self._tone(level, 4))
            draw.rectangle((x, y + 22, x + wide, y + 42), fill=self._tone(level - 45, 4))
            x, y, wide = x - dice.randint(6, 12), y + 42, wide + dice.randint(12, 24)
        rail = self._tone(75, 25)
        begin = (dice.randint(500, 700), dice.randint(60, 200))
        draw.line((*begin, begin[0] + dice.randint(40, 130), _BIG[1]), fill=rail, width=9)
        for place in range(8):
            draw.line((begin[0] + place * 12, begin[1] + place * 60, begin[0] + place * 12, _BIG[1]), fill=rail, width=4)
        self._things(dice.randint(0, 3))

    def _yard(self) -> None:
        """Ground, a wall behind, bushes, parked things."""
        dice, draw = self._dice, self._far
        horizon = dice.randint(240, 380)
        draw.rectangle((0, 0, _BIG[0], horizon), fill=self._tone(200, 20, -8))
        for _ in range(dice.randint(2, 5)):
            x = dice.randint(-100, _BIG[0])
            draw.rectangle((x, horizon - dice.randint(60, 240), x + dice.randint(120, 400), horizon), fill=self._tone(150, 28))
        draw.rectangle((0, horizon, *_BIG), fill=self._tone(120, 18))
        for _ in range(dice.randint(3, 9)):
            at, size = (dice.randint(0, _BIG[0]), horizon + dice.randint(-40, 240)), dice.randint(25, 80)
            for _ in range(18):
                x, y, r = at[0] + dice.gauss(0, size), at[1] + dice.gauss(0, size / 2), size * dice.uniform(0.2, 0.5)
                draw.ellipse((x - r, y - r, x + r, y + r), fill=self._tone(80, 25, -5))
        for _ in range(dice.randint(2, 6)):
            x = dice.randint(0, _BIG[0])
            draw.line((x, horizon, (x - 430) * 3 + 430, _BIG[1]), fill=self._tone(150, 20), width=dice.randint(2, 6))
        self._things(dice.randint(2, 6))

    def _cabinet(self) -> None:
        """A door or box with a sign, as every house has one."""
        dice, draw = self._dice, self._far
        draw.rectangle((0, 0, *_BIG), fill=self._tone(190, 15))
        draw.rectangle((0, dice.randint(360, 480), *_BIG), fill=self._tone(150, 18))
        x, y, wide, high = dice.randint(220, 330), dice.randint(110, 190), dice.randint(180, 300), dice.randint(240, 400)
        body = self._tone(115, 35, dice.choice([45, 0, -30]))
        draw.rectangle((x, y, x + wide, y + high), fill=body, outline=self._tone(60, 10), width=4)
        draw.line((x + wide * dice.choice([0.5, 0.97]), y, x + wide * 0.5, y + high), fill=self._tone(60, 10), width=3)
        for _ in range(dice.randint(1, 3)):
            at = x + dice.randint(10, wide - 80), y + dice.randint(10, high - 50)
            draw.rectangle((*at, at[0] + 70, at[1] + 40), fill=self._tone(225, 10))
            for line in range(3):
                y = at[1] + 9 + line * 11
                draw.line((at[0] + 6, y, at[0] + dice.randint(30, 64), y), fill=(50, 50, 50), width=4)
        for _ in range(dice.randint(0, 4)):
            at = dice.randint(0, _BIG[0])
            draw.line((at, 0, at, dice.randint(100, _BIG[1])), fill=self._tone(165, 20), width=dice.randint(6, 22))
        self._things(dice.randint(0, 3))

    def _roof(self) -> None:
        dice, draw = self._dice, self._far
        draw.rectangle((0, 0, *_BIG), fill=self._tone(205, 15, -10))
        edge = dice.randint(180, 330)
        ground = [(0, edge), (_BIG[0], edge + dice.randint(-70, 70)), (_BIG[0], _BIG[1]), (0, _BIG[1])]
        draw.polygon(ground, fill=self._tone(110, 20))
        for _ in range(dice.randint(5, 10)):
            x = dice.randint(-200, _BIG[0])
            draw.line((x, _BIG[1], 430 + (x - 430) * 0.4, edge), fill=self._tone(90, 14), width=dice.randint(3, 9))
        for _ in range(dice.randint(1, 4)):
            x, y = dice.randint(60, 720), dice.randint(edge, 520)
            draw.rectangle((x, y - dice.randint(50, 150), x + dice.randint(40, 130), y), fill=self._tone(150, 35))
        self._things(dice.randint(0, 4))

    def _pole(self) -> None:
        x, lean = self._dice.randint(120, _BIG[0] - 120), self._dice.randint(-20, 20)
        self._near.line((x, 0, x + lean, _BIG[1]), fill=self._tone(90, 25), width=self._dice.randint(8, 20))

    def _things(self, many: int) -> None:
        for _ in range(many):
            _thing(self._near, self._dice, self._tone(130, 55, self._dice.choice([-30, 0, 40])))

    def _grain(self, strength: float) -> np.ndarray:
        """What plaster and ground look like from near: soft noise of this place, the same in each of its photographs."""
        made = np.random.default_rng(self.number)
        total = np.zeros((_BIG[1], _BIG[0]), np.float32)
        for size in (7, 19, 60):
            cells = made.standard_normal((_BIG[1] // size + 2, _BIG[0] // size + 2)).astype(np.float32)
            total += np.asarray(Image.fromarray(cells).resize(_BIG, Image.Resampling.BICUBIC)) / 2
        return total * strength

    def _slanted(self, image: Image.Image) -> Image.Image:
        """Seen from one side, as most walls are."""
        far = np.asarray(image, np.float32) + self._ground[:, :, None]
        image = Image.fromarray(np.clip(far, 0, 255).astype(np.uint8))
        lean, rise = self._dice.uniform(-0.18, 0.18), self._dice.uniform(-0.08, 0.08)
        return image.transform(
            _BIG, Image.Transform.PERSPECTIVE,
            (1, lean * 0.3, -lean * 60, rise * 0.5, 1 + rise * 0.2, -rise * 200, lean / 900, rise / 900),
            Image.Resampling.BILINEAR,
        )

    # -- a photograph of it --------------------------------------------------------------------------------------

    def view(self, camera: Camera = Camera()) -> Image.Image:
        near = self.near
        if camera.changed:
            near = near.copy()
            draw, dice = ImageDraw.Draw(near), random.Random(f"changed {self.number} {camera.noise}")
            for _ in range(camera.changed):
                _thing(draw, dice, tuple(dice.randint(30, 220) for _ in range(3)))  # type: ignore[arg-type]
        picture = _taken(self.far, camera, 0)
        before = _taken(near, camera, camera.step)
        picture.paste(before, mask=before.getchannel("A"))
        return self._exposed(picture, camera)

    def _exposed(self, picture: Image.Image, camera: Camera) -> Image.Image:
        dice = random.Random(f"light {self.number} {camera.light}")
        down, across = np.mgrid[0:HIGH, 0:WIDE].astype(np.float32)
        angle = dice.uniform(0, 2 * math.pi)
        slope = (across / WIDE - 0.5) * math.cos(angle) + (down / HIGH - 0.5) * math.sin(angle)
        light = (1 + dice.uniform(0.05, 0.35) * slope) * dice.uniform(0.85, 1.1)
        if camera.light and dice.random() < 0.6:  # the sun came out
            shade = Image.new("L", (WIDE, HIGH), 255)
            x = dice.randint(0, WIDE)
            ImageDraw.Draw(shade).polygon(
                [(x, 0), (x + dice.randint(80, 300), 0), (x + dice.randint(-100, 400), HIGH), (x - dice.randint(0, 200), HIGH)],
                fill=dice.randint(130, 200),
            )
            light = light * np.asarray(shade.filter(ImageFilter.GaussianBlur(4)), np.float32) / 255
        light *= 1 - 0.25 * ((across / WIDE - 0.5) ** 2 + (down / HIGH - 0.5) ** 2)
        noise = np.random.default_rng([self.number, camera.noise, 7]).standard_normal((HIGH, WIDE, 1)).astype(np.float32)
        shown = np.asarray(picture, np.float32) * light[:, :, None] + noise * 5
        return Image.fromarray(np.clip(shown, 0, 255).astype(np.uint8))


def _thing(draw: ImageDraw.ImageDraw, dice: random.Random, tone: tuple[int, int, int]) -> None:
    """A stack of boards, a barrow, a heap, a person in a vest."""
    x, y, size = dice.randint(60, _BIG[0] - 60), dice.randint(300, _BIG[1] - 90), dice.randint(30, 110)
    shape = dice.randrange(3)
    if shape == 0:
        draw.rectangle((x, y, x + size, y + size * 0.7), fill=tone)
        draw.line((x, y + size * 0.3, x + size, y + size * 0.3), fill=tuple(part // 2 for part in tone), width=3)
    elif shape == 1:
        draw.ellipse((x, y, x + size, y + size * 0.6), fill=tone)
    else:
        draw.polygon([(x, y + size), (x + size / 2, y), (x + size, y + size)], fill=tone)


def _taken(layer: Image.Image, camera: Camera, step: float) -> Image.Image:
    """What of a layer the camera sees."""
    turn, scale = math.radians(camera.turn), 1 / camera.zoom
    cos, sin = math.cos(turn) * scale, math.sin(turn) * scale
    middle = _BIG[0] / 2 + (camera.x + step) * WIDE, _BIG[1] / 2 + camera.y * HIGH
    tilt = camera.tilt / WIDE
    # output (u, v) from the middle of the frame → layer; `tilt` makes one side of the frame nearer than the other
    a, b, d, e = cos, -sin, sin, cos
    c = middle[0] - a * WIDE / 2 - b * HIGH / 2
    f = middle[1] - d * WIDE / 2 - e * HIGH / 2
    return layer.transform(
        (WIDE, HIGH), Image.Transform.PERSPECTIVE,
        (a + tilt * 40, b, c - tilt * 40 * WIDE / 2, d, e, f, tilt / 10, 0), Image.Resampling.BILINEAR,
    )
