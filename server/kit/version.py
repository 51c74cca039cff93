"""Which version of the software this is."""

from __future__ import annotations

VERSION = "1.0.0"
SOFTWARE = f"Dudao {VERSION}"
