"""Opens an XLSX as the ZIP it is, believing nothing: sizes are added up before a byte is unpacked."""

import io
import struct
import zipfile
import zlib

from server.kit.tables.shapes import Limits, TableRefused

MAX_ENTRIES = 2_000
MAX_RATIO = 150  # real sheets pack 10 to 40 times
_SMALL = 1024 * 1024  # below this a high ratio means nothing
_CENTRAL_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    IndexError,
    KeyError,
    RuntimeError,  # a password is asked for; NotImplementedError is one too
    OverflowError,
)


def unreadable(why_zh: str, why_en: str) -> TableRefused:
    """The refusal of a workbook that cannot be read."""
    return TableRefused("table-unreadable", f"{why_zh} / {why_en}")


class Archive:
    """The parts of a workbook by their lower-case names (Excel does not mind the case either)."""

    def __init__(self, content: bytes, limits: Limits) -> None:
        """Check the directory. TableRefused `table-bomb` or `table-unreadable`."""
        if content.count(_CENTRAL_ENTRY) > MAX_ENTRIES * 2:  # before a directory of millions is read into memory
            raise _bomb()
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except _BROKEN:
            raise unreadable("文件已损坏", "The workbook is damaged") from None
        entries = self._zip.infolist()
        self._parts = {entry.filename.lower().lstrip("/"): entry for entry in entries}
        if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > limits.unpacked:
            raise _bomb()
        if len(self._parts) < len(entries):
            raise unreadable("文件内有重名部分", "The workbook holds a part twice")
        for entry in entries:
            _check(entry)

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def part(self, name: str) -> bytes:
        """The bytes of a part; never more than the directory announced."""
        entry = self._parts.get(name)
        if entry is None:
            raise unreadable("工作簿不完整", f"The workbook lacks {name}")
        try:
            with self._zip.open(entry) as stream:
                return stream.read(entry.file_size + 1)
        except _BROKEN:
            raise unreadable("文件已损坏", "The workbook is damaged") from None


def _check(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise unreadable("工作簿已加密，请取消密码后再上传", "The workbook is encrypted: remove the password first")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise unreadable("压缩方式不受支持", "The way of packing is not supported")
    if entry.file_size > _SMALL and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
        raise _bomb()


def _bomb() -> TableRefused:
    return TableRefused("table-bomb", "解压后过大 / It unpacks to too much")
