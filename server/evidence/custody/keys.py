"""The Ed25519 key that signs evidence packages: made once, kept in a file that its owner alone may read."""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from config import Config
from server.audit import service as audit
from server.errors import Refusal
from server.kit import clock
from server.kit.db import Database
from server.kit.ids import new_id
from server.kit.storage import sync_folder

NAME = "evidence-key.pem"
KIND = "evidence_key"


@dataclass(frozen=True, slots=True)
class Signer:
    """The key, and what others know it by. The fingerprint is the SHA-256 of the public key's DER, as
    `openssl pkey -pubin -in public_key.pem -outform DER | sha256sum` says it."""

    private: Ed25519PrivateKey
    public_pem: bytes
    fingerprint: str

    def sign(self, data: bytes) -> bytes:
        return self.private.sign(data)


def path_of(conf: Config) -> Path:
    """Where the key lies."""
    return Path(conf.evidence_key_file) if conf.evidence_key_file else conf.data_dir / NAME


def signer(conf: Config, database: Database) -> Signer:
    """The key, made where there is none yet. One that a setting names is never made by itself: on a machine that merely
    does not see the file, packages would go out under a key that nobody knows."""
    path = path_of(conf)
    found = _read(path)
    if found is not None:
        return found
    if conf.evidence_key_file:
        raise Refusal("evidence-key-away")
    return make(path, database)


def make(path: Path, database: Database) -> Signer:
    """A new key at `path`, unless another process was first; the trail says since when it signs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = _fresh(path)
    try:
        os.link(fresh, path)  # unlike rename, never replaces a key
        first = True
    except FileExistsError:
        first = False
    finally:
        fresh.unlink()
    sync_folder(path.parent)
    return _told(path, database) if first else _there(path)


def _fresh(path: Path) -> Path:
    """A new key in a file beside `path`, on the disk."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    fresh = path.with_name(f"{path.name}.{new_id().hex}")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(fd, pem)
        os.fsync(fd)
    finally:
        os.close(fd)
    return fresh


def _told(path: Path, database: Database) -> Signer:
    found = _there(path)
    database.write(lambda db: audit.record(db, None, "evidence_key_made", KIND, found.fingerprint))
    return found


def _there(path: Path) -> Signer:
    found = _read(path)
    if found is None:
        raise Refusal("evidence-key-away")
    return found


def replace(conf: Config, database: Database) -> tuple[Signer, Path]:
    """Put the key aside under its fingerprint and make a new one; packages signed before stay good under the old one.
    Whenever it is interrupted there is a key, the old or the new one, and the old one is lost never."""
    path = path_of(conf)
    old = signer(conf, database)
    aside = path.with_name(f"{path.stem}-{clock.today():%Y%m%d}-{old.fingerprint[:16]}.pem")
    with contextlib.suppress(FileExistsError):  # of the same key: a replacing that was interrupted here
        os.link(path, aside)
    sync_folder(path.parent)
    _fresh(path).replace(path)
    sync_folder(path.parent)
    return _told(path, database), aside


def _read(path: Path) -> Signer | None:
    """The key in the file; None where there is no file. Refuses what is no such key."""
    try:
        pem = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refusal("evidence-key-away", str(error)) from None
    try:
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        private = None
    if not isinstance(private, Ed25519PrivateKey):
        raise Refusal("evidence-key-away", ("文件中不是 Ed25519 私钥", "the file holds no Ed25519 private key"))
    public = private.public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return Signer(private, pem, hashlib.sha256(der).hexdigest())
