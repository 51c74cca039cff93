"""Opening a picture with the one decoder its content calls for. Runs in the child process alone."""

import importlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageFile, JpegImagePlugin

from .pixels import fitted, is_srgb, shrunk

_PLUGINS = {
    "JPEG": "PIL.MpoImagePlugin",
    "PNG": "PIL.PngImagePlugin",
    "WEBP": "PIL.WebPImagePlugin",
    "AVIF": "PIL.AvifImagePlugin",
}


@dataclass(slots=True)
class Decoded:
    """The picture within the preview's size, not yet turned or converted; the profile its colours are in."""

    image: Image.Image
    profile: bytes | None


def prepare(decoder: str) -> None:
    """Load the decoder before memory is limited: a library that finds no room looks like a broken picture.

    One at a time, when first met: most photos are JPEG, and Pillow would otherwise load all its plugins for one.
    """
    if decoder != "HEIF":
        importlib.import_module(_PLUGINS[decoder])
        return
    import pi_heif

    pi_heif.options.DECODE_THREADS = 1  # one core a picture; each thread would take a stack from the memory limit
    pi_heif.options.THUMBNAILS = pi_heif.options.DEPTH_IMAGES = pi_heif.options.AUX_IMAGES = False


def decode(path: str, decoder: str, long_edge: int, max_pixels: int) -> Decoded:
    """The picture at `path` reduced to fit `long_edge`; raises whatever Pillow and libheif raise, which is a lot."""
    # Pillow only warns between one and two times its limit; we have weighed the memory, so ours is exact.
    Image.MAX_IMAGE_PIXELS = max_pixels
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    if decoder == "HEIF":
        return _heif(path, long_edge)
    with Path(path).open("rb") as file, Image.open(file, formats=_formats(decoder)) as image:
        profile = image.info.get("icc_profile")
        target = fitted(image.size, long_edge)
        if isinstance(image, JpegImagePlugin.JpegImageFile):
            # In the photo's own proportions: libjpeg reduces only as far as the shorter side allows.
            image.draft("YCbCr" if is_srgb(profile) else None, target)
        image.load()
        return Decoded(_whole(image, target), profile)


@contextmanager
def truncated_allowed() -> Iterator[None]:
    """Within it Pillow shows what is there of a cut file. Never while judging whether a file is whole."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _formats(decoder: str) -> tuple[str, ...]:
    return ("JPEG", "MPO") if decoder == "JPEG" else (decoder,)


def _whole(image: Image.Image, target: tuple[int, int]) -> Image.Image:
    def rows(top: int, bottom: int) -> Image.Image:
        return image.crop((0, top, image.width, bottom))

    return shrunk(rows, image.size, target, image)


def _heif(path: str, long_edge: int) -> Decoded:
    import pi_heif

    file = pi_heif.open_heif(path, convert_hdr_to_8bit=True)
    data, size, mode, stride = memoryview(file.data), file.size, file.mode, file.stride

    # libheif has turned the picture already. Its rows become Pillow images a strip at a time, because a Pillow copy
    # of the whole would come on top of libheif's own.
    def rows(top: int, bottom: int) -> Image.Image:
        part = data[top * stride : bottom * stride]
        return Image.frombytes(mode, (size[0], bottom - top), part, "raw", mode, stride)

    return Decoded(shrunk(rows, size, fitted(size, long_edge), None), file.info.get("icc_profile"))
