"""Photos that are drawn: housefronts under renovation, as a phone would store them."""

from __future__ import annotations

import io
import random
from datetime import datetime, timedelta, timezone

from PIL import Image, ImageDraw, ImageFilter

from tests.photos import exif_of

SHANGHAI = timezone(timedelta(hours=8))


def picture(seed: int, *, at: datetime, place: tuple[float, float], mended: bool = False) -> bytes:
    """A housefront as a phone would store it: windows, pipes, a scaffold, and a crack, or where it was `mended`."""
    dice = random.Random(seed)
    image = Image.new("RGB", (1600, 1200), (203, 214, 224))
    draw = ImageDraw.Draw(image)
    wall = tuple(dice.randrange(150, 215) for _ in range(3))
    draw.rectangle((120, 160, 1480, 1200), fill=wall)
    for floor in range(4):
        top = 220 + floor * 240
        draw.rectangle((120, top + 190, 1480, top + 200), fill=tuple(part - 30 for part in wall))
        for left in range(180, 1400, 310):
            draw.rectangle((left, top, left + 190, top + 150), fill=(72, 84, 96), outline=(236, 238, 240), width=10)
            draw.line((left + 95, top, left + 95, top + 150), fill=(236, 238, 240), width=8)
            if dice.random() < 0.4:
                draw.rectangle((left + 200, top + 40, left + 270, top + 110), fill=(228, 230, 231))
    for left in range(60, 1600, 380):
        draw.line((left, 0, left, 1200), fill=(196, 138, 44), width=16)
    for top in range(150, 1200, 330):
        draw.line((0, top, 1600, top), fill=(176, 122, 38), width=14)
    spot, crack = (dice.randrange(400, 1100), dice.randrange(300, 500)), []
    for _ in range(14):
        crack.append(spot)
        spot = (spot[0] + dice.randrange(-50, 60), spot[1] + dice.randrange(20, 60))
    draw.line(crack, fill=tuple(part + 14 for part in wall) if mended else (58, 44, 38), width=40 if mended else 9)
    out = io.BytesIO()
    exif = exif_of(at.astimezone(SHANGHAI).replace(microsecond=0), place, 1, "HUAWEI", "ALN-AL00")
    image.filter(ImageFilter.GaussianBlur(1.2)).save(out, "JPEG", quality=88, exif=exif.tobytes() if exif else b"")
    return out.getvalue()
