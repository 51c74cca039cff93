"""Where files live: originals by SHA-256 and what is made from them; a folder, or an S3 service by setting.

Order everywhere: temp file, fsync, rename, fsync of the folder; only then may a row name the file.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from config import Config
from server.errors import Refusal

CHUNK = 256 * 1024
LISTED = 500  # keys at a time
CHECK_TIMEOUT = "4s"
SHELVED = {"originals", "renditions"}  # keys that begin with two digits of a SHA-256


class Store(Protocol):
    """What the product asks of a store. Keys look like `originals/ab/abcd…`; a stored key never changes."""

    def adopt(self, path: Path, key: str, *, replace: bool = False) -> None:
        """Make the finished file at `path` durable under `key`; it may be moved. An equal key is left as it is, unless it
        is to be replaced: then at no moment is there neither."""

    def size(self, key: str) -> int | None:
        """Length in bytes, or None where there is no such key."""

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to but not including `end`. Raises FileNotFoundError."""

    def local(self, key: str) -> Path | None:
        """The file itself where the store is a folder of this machine."""

    def delete(self, key: str) -> None:
        """Forget the key; it is no error if it is not there."""

    def listed(self, folder: str) -> Iterator[list[tuple[str, int]]]:
        """Every key below `folder` with its length, some hundreds at a time."""

    def check(self) -> None:
        """Raise Refusal("storage-away") unless the store answers."""


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def free_bytes(folder: Path) -> int:
    """Bytes that an ordinary user may still write below `folder`."""
    return shutil.disk_usage(folder).free


class FolderStore:
    """Files in a folder of this machine (or one that several machines mount)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: set[Path] = set()

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if any(part in {"", ".", ".."} for part in parts):
            raise ValueError(f"bad key {key!r}")
        return self.root.joinpath(*parts)

    def _folder(self, folder: Path) -> None:
        """Make `folder` and the names that lead to it durable, once per process."""
        if folder in self._known:
            return
        missing = []
        above = folder
        while not above.exists():
            missing.append(above)
            above = above.parent
        folder.mkdir(parents=True, exist_ok=True)
        for made in missing:
            sync_folder(made.parent)
        self._known.add(folder)

    def _shelves(self, folder: Path) -> None:
        """All 256 folders of `originals/ab/…` at once: made one by one, each first photo waits for the disk again."""
        if folder in self._known or folder.name not in SHELVED:
            return
        self._folder(folder)
        names = [folder / f"{number:02x}" for number in range(256)]
        for name in names:
            name.mkdir(exist_ok=True)
        sync_folder(folder)
        self._known.update(names)

    def adopt(self, path: Path, key: str, *, replace: bool = False) -> None:
        target = self._path(key)
        self._shelves(target.parent.parent)
        self._folder(target.parent)
        fd = os.open(path, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
        try:
            if replace:
                path.replace(target)
            else:
                os.link(path, target)  # unlike rename, never replaces an original that is already there
        except FileExistsError:
            if target.stat().st_size != path.stat().st_size:
                path.replace(target)  # a torn leftover of a crash; the name says what its bytes must be
        sync_folder(target.parent)
        path.unlink(missing_ok=True)

    def size(self, key: str) -> int | None:
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError:
            return None

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        with self._path(key).open("rb") as file:
            file.seek(start)
            left = None if end is None else end - start
            while left is None or left > 0:
                chunk = file.read(CHUNK if left is None else min(CHUNK, left))
                if not chunk:
                    return
                if left is not None:
                    left -= len(chunk)
                yield chunk

    def local(self, key: str) -> Path | None:
        return self._path(key)

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def listed(self, folder: str) -> Iterator[list[tuple[str, int]]]:
        for where, folders, names in os.walk(self._path(folder)):
            folders.sort()
            here = Path(where).relative_to(self.root).as_posix()
            for start in range(0, len(names), LISTED):
                found = []
                for name in names[start:start + LISTED]:
                    try:
                        found.append((f"{here}/{name}", Path(where, name).lstat().st_size))
                    except FileNotFoundError:  # gone since
                        continue
                yield found

    def check(self) -> None:
        if not os.access(self.root, os.W_OK):
            raise Refusal("storage-away")


class ObjectStore:
    """The same in an S3 service, by obstore. Built after a fork: its threads do not survive one."""

    def __init__(self, url: str, options: dict[str, Any], client_options: dict[str, Any]) -> None:
        from obstore.store import S3Store  # the folder store does without it

        self._store = S3Store.from_url(
            url, config=options, client_options=client_options,  # type: ignore[arg-type]
            # A phone is told to come back; it must not hold a thread here for minutes.
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=10)},
        )
        # Whoever asks whether it is there waits for seconds at most, also where it accepts and says nothing.
        self._probe = S3Store.from_url(
            url, config=options, client_options={**client_options, "timeout": CHECK_TIMEOUT},  # type: ignore[arg-type]
            retry_config={"max_retries": 0},
        )

    def adopt(self, path: Path, key: str, *, replace: bool = False) -> None:
        import obstore

        if replace or self.size(key) != path.stat().st_size:
            with _away(), path.open("rb") as file:
                obstore.put(self._store, key, file)
        path.unlink(missing_ok=True)

    def size(self, key: str) -> int | None:
        import obstore

        try:
            with _away():
                return int(obstore.head(self._store, key)["size"])
        except FileNotFoundError:
            return None

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        import obstore

        with _away():
            total = int(obstore.head(self._store, key)["size"])
            stop = total if end is None else min(end, total)
            for at in range(start, stop, 4 * 1024 * 1024):
                until = min(at + 4 * 1024 * 1024, stop)
                yield bytes(obstore.get_range(self._store, key, start=at, end=until))

    def local(self, key: str) -> Path | None:  # noqa: ARG002 - the port's own signature
        return None

    def delete(self, key: str) -> None:
        import obstore

        with _away():
            try:
                obstore.delete(self._store, key)
            except FileNotFoundError:
                return

    def listed(self, folder: str) -> Iterator[list[tuple[str, int]]]:
        import obstore

        with _away():
            for page in obstore.list(self._store, prefix=f"{folder}/", chunk_size=LISTED):
                yield [(str(one["path"]), int(one["size"])) for one in page]

    def check(self) -> None:
        import obstore

        try:
            with _away():
                obstore.list(self._probe, prefix="health/", chunk_size=1).collect()
        except FileNotFoundError as error:
            raise Refusal("storage-away", f"no such bucket: {str(error)[:200]}") from error


class _away:  # noqa: N801 - reads as a sentence: with _away()
    """Turns any trouble with the service, but for a missing key, into the one refusal users understand."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        from obstore.exceptions import BaseError, NotFoundError

        if isinstance(error, NotFoundError):
            raise FileNotFoundError(str(error)) from error
        if isinstance(error, BaseError):
            raise Refusal("storage-away", str(error)[:300]) from error


def original_key(sha256: str) -> str:
    """`originals/ab/abcd…` of a lower-case hexadecimal SHA-256."""
    return f"originals/{sha256[:2]}/{sha256}"


def rendition_key(sha256: str, kind: str) -> str:
    """`renditions/ab/abcd….preview.jpg`."""
    return f"renditions/{sha256[:2]}/{sha256}.{kind}.jpg"


def make_store(conf: Config) -> Store:
    """A folder, or an S3 service where storage_url names one."""
    if not conf.storage_url:
        conf.uploads_dir.mkdir(parents=True, exist_ok=True)
        return FolderStore(conf.uploads_dir)
    options = {
        "endpoint": conf.s3_endpoint, "access_key_id": conf.s3_access_key,
        "secret_access_key": conf.s3_secret_key, "region": conf.s3_region,
    }
    return ObjectStore(
        conf.storage_url,
        {name: value for name, value in options.items() if value},
        {"allow_http": conf.s3_allow_http, "timeout": "60s"},
    )
