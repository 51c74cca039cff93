"""A web client as small as one can be, for tests of how it is given out."""

from __future__ import annotations

from pathlib import Path

SCRIPT = "console.log('督导');" * 100


def build(folder: Path) -> None:
    """Put its files where the settings look for the built client."""
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>督导</title>")
    (folder / "desk.html").write_text("<title>审核台</title>")
    (folder / "sw.js").write_text("self.x = 1")
    (folder / "manifest.webmanifest").write_text("{}")
    (folder / "assets" / "icon-192.png").write_bytes(b"\x89PNG")
    (folder / "assets" / "phone.js").write_text(SCRIPT)
