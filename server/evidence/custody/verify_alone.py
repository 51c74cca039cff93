#!/usr/bin/env python3
"""Checks an evidence package by itself: Python 3.8 or newer, nothing to install, no network. 离线核验证据包。

    python3 verify.py                      beside the unpacked files 在解压后的文件夹内
    python3 verify.py PACKAGE.zip          the package as it came 直接核验压缩包
    python3 verify.py --key FINGERPRINT    and that it was signed by this key 并核对签署密钥的指纹

Ends with 0 where all is as it was signed, else with 1. Ed25519 is that of RFC 8032, written out below.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
import zipfile
from pathlib import Path
from typing import IO, Any, List, Optional, Tuple, Union  # noqa: UP035 - Python 3.8 may run this

# -- Ed25519 (RFC 8032, section 5.1) ----------------------------------------------------------------------------------

_P = 2**255 - 19
_Q = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)  # of -1
_Point = Tuple[int, int, int, int]  # noqa: UP006
_DER = bytes.fromhex("302a300506032b6570032100")  # what stands before the 32 bytes of a public key


def _add(one: _Point, other: _Point) -> _Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(number: int, point: _Point) -> _Point:
    total: _Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = _add(total, point)
        point = _add(point, point)
        number >>= 1
    return total


def _same(one: _Point, other: _Point) -> bool:
    return (one[0] * other[2] - other[0] * one[2]) % _P == 0 and (one[1] * other[2] - other[1] * one[2]) % _P == 0


def _point(raw: bytes) -> Optional[_Point]:  # noqa: UP045
    """The point that 32 bytes stand for; None where they stand for none."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


_BASE = _point((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little")) or (0, 1, 1, 0)


def signature_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) over `message` was made with the key whose public half is `public` (32 bytes)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, commitment = _point(public), _point(signature[:32])
    response = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or response >= _Q:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _Q
    return _same(_times(response, _BASE), _add(commitment, _times(challenge, key)))


# -- the package ------------------------------------------------------------------------------------------------------

UNSIGNED = {"manifest.json", "manifest.sig"}
LITTER = {".DS_Store", "Thumbs.db", "desktop.ini"}  # what file managers leave beside


class Folder:
    """An unpacked package."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> List[str]:  # noqa: UP006
        found = (one.relative_to(self._path).as_posix() for one in sorted(self._path.rglob("*")) if one.is_file())
        return [name for name in found if "__pycache__/" not in name and name.rsplit("/", 1)[-1] not in LITTER]

    def open(self, name: str) -> IO[bytes]:
        return (self._path / name).open("rb")


class Archive:
    """A package as it came."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path)

    def names(self) -> List[str]:  # noqa: UP006
        return self._zip.namelist()

    def open(self, name: str) -> IO[bytes]:
        return self._zip.open(name)


class Check:
    """Says what was found; `wrong` counts what is not as it was signed."""

    def __init__(self, package: Union[Folder, Archive]) -> None:  # noqa: UP007
        self._package = package
        self.wrong = 0

    def good(self, zh: str, en: str) -> None:
        print(f"  OK    {zh} / {en}")  # noqa: T201

    def bad(self, zh: str, en: str) -> None:
        self.wrong += 1
        print(f"  WRONG {zh} / {en}")  # noqa: T201

    def read(self, name: str) -> bytes:
        with self._package.open(name) as file:
            return file.read()

    def digest(self, name: str) -> Tuple[str, int]:  # noqa: UP006
        """SHA-256 and length, read piece by piece."""
        found, size = hashlib.sha256(), 0
        with self._package.open(name) as file:
            for piece in iter(lambda: file.read(1 << 20), b""):
                found.update(piece)
                size += len(piece)
        return found.hexdigest(), size

    def signature(self, expected: Optional[str]) -> Any:  # noqa: UP045
        """The signed list of files, and the fingerprint of the key."""
        text = self.read("manifest.json")
        lines = self.read("public_key.pem").decode("ascii").split("-----")
        der = base64.b64decode("".join(lines[2].split()))
        fingerprint = hashlib.sha256(der).hexdigest()
        if not (der.startswith(_DER) and signature_holds(der[len(_DER):], text, self.read("manifest.sig"))):
            self.bad("签名无效", "the signature is not good")
        else:
            self.good("签名有效", "the signature is good")
        manifest = json.loads(text)
        if manifest["key"]["fingerprint"] != fingerprint:
            self.bad("公钥与清单所列不符", "the public key is not the one that the manifest names")
        if expected is not None:
            if "".join(one for one in expected.lower() if one.isalnum()) == fingerprint:
                self.good("由所指定的密钥签署", "signed by the key that you named")
            else:
                self.bad("不是所指定的密钥", "not the key that you named")
        print(f"        {fingerprint}")  # noqa: T201
        return manifest

    def files(self, listed: Any) -> None:
        """Every file is there, byte for byte, and no other is."""
        before, names = self.wrong, self._package.names()
        for name in sorted(listed):
            if names.count(name) != 1:
                self.bad(f"{name}：缺少或重复", f"{name}: missing, or there twice")
                continue
            sha256, size = self.digest(name)
            if (sha256, size) != (listed[name]["sha256"], listed[name]["size"]):
                self.bad(f"{name}：内容已改变", f"{name}: its bytes were changed")
        for name in sorted(one for one in UNSIGNED if names.count(one) != 1):
            self.bad(f"{name}：缺少或重复", f"{name}: missing, or there twice")
        for name in sorted(set(names) - set(listed) - UNSIGNED):
            self.bad(f"{name}：不在清单中", f"{name}: not in the manifest")
        if self.wrong == before:
            self.good(f"{len(listed)} 个文件与清单一致", f"{len(listed)} files are as the manifest says")

    def facts(self, listed: Any) -> None:
        """Contents hash to the digests of their receipts, originals to what the phone named."""
        before, said = self.wrong, json.loads(self.read("facts.json"))
        contents = list(said["contents"])
        for one in contents:
            if hashlib.sha256(one["content"].encode("utf-8")).hexdigest() != one["digest"]:
                self.bad(f"{one['id']}：内容与校验值不符", f"{one['id']}: the content is not that of its digest")
        packed = removed = 0
        for photo in said["photos"]:
            if photo["path"] is None and photo.get("removed"):
                removed += 1  # by the rule of the office, as the signed list of files says too
                continue
            if photo["path"] is None:
                self.bad(f"照片 {photo['id']}：打包时原件缺失", f"photo {photo['id']}: its original was missing already")
                continue
            packed += 1
            if listed[photo["path"]]["sha256"] != photo["sha256"]:
                self.bad(f"{photo['path']}：与入库时的校验值不符", f"{photo['path']}: not the bytes that were stored")
        if self.wrong == before:
            self.good(
                f"{len(contents)} 份提交内容、{packed} 张原件与当时的校验值一致",
                f"{len(contents)} contents and {packed} originals are those that were sent",
            )
        if removed:
            self.good(f"{removed} 张原件已按保存期限清除", f"{removed} originals were removed by the rule of retention")

    def trail(self) -> None:
        """Each line of the extract hashes to its link; neighbours follow one another."""
        before = self.wrong
        links: dict[int, Any] = {}
        lines = self.read("audit.jsonl").decode("utf-8").splitlines()
        for line in lines:
            said = json.loads(line)
            if said["position"] is None:
                continue
            if hashlib.sha256((said["previous"] + said["event"]).encode("utf-8")).hexdigest() != said["digest"]:
                self.bad(f"操作记录第 {said['position']} 环不符", f"link {said['position']} of the audit trail is broken")
            links[said["position"]] = said
        for position, said in links.items():
            if position - 1 in links and links[position - 1]["digest"] != said["previous"]:
                self.bad(f"操作记录第 {position} 环与前一环不符", f"link {position} does not follow the one before it")
        if self.wrong == before:
            self.good(f"{len(lines)} 条操作记录与链一致", f"{len(lines)} lines of the audit trail are those of its chain")


def main() -> int:
    parser = argparse.ArgumentParser(description="核验证据包 / checks an evidence package")
    parser.add_argument("package", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--key", help="密钥指纹 / the fingerprint of the key that must have signed it")
    given = parser.parse_args()
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    check = Check(Archive(given.package) if given.package.is_file() else Folder(given.package))
    try:
        manifest = check.signature(given.key)
        subject = manifest["subject"]
        print(f"        {subject['kind']} {subject['number']}, {manifest['made_at']}")  # noqa: T201
        check.files(manifest["files"])
        check.facts(manifest["files"])
        check.trail()
    except (OSError, KeyError, IndexError, TypeError, ValueError, zipfile.BadZipFile) as error:
        check.bad(f"无法读取：{error}", f"cannot be read: {type(error).__name__}: {error}")
    if check.wrong:
        print(f"不可信：{check.wrong} 处不符 / NOT AS SIGNED: {check.wrong} differences")  # noqa: T201
    else:
        print("一切相符 / everything is as it was signed")  # noqa: T201
    return 1 if check.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
