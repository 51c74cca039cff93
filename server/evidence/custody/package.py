"""An evidence package as a stream: originals, facts, the trail, the program that checks it, and a signed list of all that.

It is made anew for each who asks and goes out as it is made, so that nothing waits on the disk; one that broke off is asked
for again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from server.evidence.custody import opened, readme
from server.evidence.custody.contents import FORMAT, Contents, Shot
from server.evidence.custody.keys import Signer
from server.evidence.custody.opened import Noted
from server.kit.storage import Store, original_key
from server.kit.version import SOFTWARE
from server.kit.zip_stream import Packer, Pipe

_PROGRAM = Path(__file__).with_name("verify_alone.py")
_PRETTY = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


def stream(contents: Contents, signer: Signer, store: Store, noted: Noted) -> Iterator[bytes]:
    """The ZIP, piece by piece. What the store raises breaks it off: a torn ZIP cannot be taken for a whole one."""
    out = Pipe()
    with _Package(out) as packer, closing(packer.pack(contents, signer, store, noted)) as steps:
        for _ in steps:
            yield from out.taken()
    yield from out.taken()


class _Package(Packer):
    """Writes the entries, and lists each with its size and SHA-256 as it goes out."""

    def __init__(self, out: Pipe) -> None:
        super().__init__(out)
        self._listed: dict[str, dict[str, Any]] = {}

    def pack(self, contents: Contents, signer: Signer, store: Store, noted: Noted) -> Generator[None]:
        number = contents.subject["number"]
        yield from self._add("README.txt", [readme.text(number, contents.head)])
        facts = contents.facts
        for shot, about in zip(contents.shots, facts["photos"], strict=True):
            about["path"] = None if shot.removed else (yield from self._original(shot, store, noted))
            about["same"] = about["path"] is not None and self._listed[shot.path]["sha256"] == shot.sha256
        yield from self._add("facts.json", [orjson.dumps(facts, option=_PRETTY)])
        yield from self._add("audit.jsonl", (orjson.dumps(line) + b"\n" for line in contents.trail))
        yield from self._add("public_key.pem", [signer.public_pem])
        yield from self._add("verify.py", [_PROGRAM.read_bytes()])
        manifest = orjson.dumps({
            "format": FORMAT, "software": SOFTWARE, "subject": contents.subject, "made_at": facts["made_at"],
            "made_by": facts["made_by"], "head": contents.head, "files": self._listed,
            "removed": [
                {"id": about["id"], "sha256": about["sha256"], "size": about["size"], **about["removed"]}
                for about in facts["photos"] if about["removed"]
            ],
            "key": {"algorithm": "Ed25519", "fingerprint": signer.fingerprint},
        }, option=_PRETTY)
        yield from self.put("manifest.json", [manifest])
        yield from self.put("manifest.sig", [signer.sign(manifest)], packed=False)

    def _original(self, shot: Shot, store: Store, noted: Noted) -> Generator[None, None, str | None]:
        """Where it lies; None where the store has lost it, which the facts then say."""
        pieces = opened.noting(store.read(original_key(shot.sha256)), partial(noted, shot.photo_id, shot.sha256))
        try:
            first = next(pieces, b"")
        except FileNotFoundError:
            return None
        yield from self._add(shot.path, _joined(first, pieces), packed=False)
        return shot.path

    def _add(self, name: str, pieces: Iterable[bytes], *, packed: bool = True) -> Iterator[None]:
        found = hashlib.sha256()
        size = 0

        def through() -> Iterator[bytes]:
            nonlocal size
            for piece in pieces:
                found.update(piece)
                size += len(piece)
                yield piece

        yield from self.put(name, through(), packed=packed)
        self._listed[name] = {"size": size, "sha256": found.hexdigest()}


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
