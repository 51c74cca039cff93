"""From decoded pixels to an upright sRGB picture of the wanted size, never holding a second full-size copy."""

import io
from collections.abc import Callable

from PIL import Image, ImageCms

_STRIP_PIXELS = 4_000_000  # 16 MB of RGB at a time
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_PLAIN = ("L", "RGB", "CMYK", "YCbCr")  # modes that shrink and turn as they are
_SRGB = ImageCms.createProfile("sRGB")

Rows = Callable[[int, int], Image.Image]  # the rows from, to (exclusive) of the full picture


def fitted(size: tuple[int, int], long_edge: int) -> tuple[int, int]:
    """The size in the same proportions with its longer side at most `long_edge`; never enlarged, never under 1."""
    longest = max(size)
    if longest <= long_edge:
        return size
    return max(1, round(size[0] * long_edge / longest)), max(1, round(size[1] * long_edge / longest))


def shrunk(rows: Rows, size: tuple[int, int], target: tuple[int, int], plain: Image.Image | None) -> Image.Image:
    """The picture at `target` size in a plain mode, alpha on white.

    `plain` is the whole picture where it is in memory anyway. A factor that leaves at least twice the target is taken
    by averaging, strip by strip, before the fine resize: resizing a 200-megapixel RGBA at once would copy it first.
    """
    factor = max(1, min(size[0] // (2 * target[0]), size[1] // (2 * target[1])))
    if plain is not None and factor == 1 and plain.mode in _PLAIN and not plain.has_transparency_data:
        return plain if size == target else plain.resize(target, Image.Resampling.BICUBIC)
    step = max(1, _STRIP_PIXELS // (size[0] * factor)) * factor
    small: Image.Image | None = None
    for top in range(0, size[1], step):
        strip = opaque(rows(top, min(top + step, size[1])))
        if factor > 1:
            strip = strip.reduce(factor)
        if small is None:
            small = Image.new(strip.mode, (-(-size[0] // factor), -(-size[1] // factor)))
        small.paste(strip, (0, top // factor))
    assert small is not None
    return small if small.size == target else small.resize(target, Image.Resampling.BICUBIC)


def opaque(image: Image.Image) -> Image.Image:
    """The picture in a plain mode: palettes resolved, 16 bits scaled (not clipped) to 8, transparency on white."""
    if image.mode.startswith("I") or image.mode == "F":
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in ("RGBa", "La"):
        image = image.convert("RGBA" if image.mode == "RGBa" else "LA")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        return white
    if image.mode in _PLAIN:
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """The picture as shown for an EXIF orientation of 1 to 8."""
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def is_srgb(profile: bytes | None) -> bool:
    """True where converting from the profile would change nothing worth its time."""
    return not profile or b"sRGB" in profile or "sRGB".encode("utf-16-be") in profile


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture's colours in sRGB as RGB, L or YCbCr; a profile that cannot be used is left aside."""
    if profile and not is_srgb(profile) and image.mode in ("RGB", "CMYK", "L"):
        try:
            converted = ImageCms.profileToProfile(image, io.BytesIO(profile), _SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            converted = None
        if converted is not None:
            return converted
    return image.convert("RGB") if image.mode == "CMYK" else image


def as_jpeg(image: Image.Image, quality: int) -> bytes:
    """A progressive JPEG with nothing in it but the picture."""
    image.info = {}  # Pillow would write a comment and a colour profile it finds there
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, progressive=True)
    return out.getvalue()


def difference_hash(image: Image.Image) -> str:
    """64 bits as 16 hex digits: is each of 8 × 8 cells brighter than its right neighbour; for finding like pictures."""
    grey = image.getchannel(0) if image.mode == "YCbCr" else image.convert("L")
    cells = grey.resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = "".join("1" if cells[9 * y + x] > cells[9 * y + x + 1] else "0" for y in range(8) for x in range(8))
    return f"{int(bits, 2):016x}"
