"""Photos as files: what may come in, what a photo says of itself, and its preview and thumb.

`sniff` and `read_facts` are pure Python over a few reads and run anywhere; Pillow and libheif, which decode what
strangers send, run in a child process only (`make_renditions`, `inspect`). This package knows no Flask and no tables,
and imports nothing else of `server`: the child imports it on its own.
"""

from .children import Children
from .facts import PhotoFacts, read_facts
from .limits import Limits
from .renditions import Rendition, RenditionResult, inspect, make_renditions
from .sniff import MAX_BYTES, MAX_PIXELS, Refused, Sniffed, sniff

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "Children",
    "Limits",
    "PhotoFacts",
    "Refused",
    "Rendition",
    "RenditionResult",
    "Sniffed",
    "inspect",
    "make_renditions",
    "read_facts",
    "sniff",
]
