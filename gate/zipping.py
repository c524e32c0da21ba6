"""One way to write a zip, so that the same files give the same bytes, and a reader that trusts nothing.

What is read is hostile until shown otherwise: no path outside, no bomb, no doubled name, no link; and not one byte
in the zip that the writer would not have put there, for hashes of the files say nothing about those around them.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gate.errors import GateError

# A zip keeps times; the same files must make the same zip.
EPOCH, EPOCH_PACKED = (1980, 1, 1, 0, 0, 0), (0, 1 << 5 | 1)
UNIX, VERSION, MODE = 3, 20, 0o644 << 16
UTF8_NAME = 0x800
MOST_FILES = 20_000
MOST_BYTES = 1 << 30
# Text packs ten times smaller, a bomb a thousand times; a small zip may be anything.
MOST_TIMES_LARGER, ALWAYS_ALLOWED_BYTES = 100, 64 << 20
FORBIDDEN = frozenset('\\:\0*?"<>|')
# The records of a zip (APPNOTE 4.3), with no extra fields and no comments.
_BEFORE, _LISTED = struct.Struct("<4s2B4H3L2H"), struct.Struct("<4s4B4H3L5H2L")
_END = struct.Struct("<4s4H2LH")


class Damaged(GateError):
    """Bytes of the zip were changed; the text names where."""


def write_zip(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a zip that depends on nothing but the names and bytes."""
    unfinished = path.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = UNIX
            entry.external_attr = MODE
            archive.writestr(entry, files[name])
    unfinished.replace(path)


def read_zip(path: Path) -> dict[str, bytes]:
    """All files in memory. Raises `GateError` for what is none or means harm, `Damaged` for changed bytes."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_shape(entries, path.stat().st_size)
            files = {entry.filename: _bytes(archive, entry) for entry in entries}
            for strange in _strange(path.read_bytes(), archive.start_dir, entries):
                raise Damaged(f"changed: {strange}")
            return files
    except (OSError, zipfile.BadZipFile, ValueError, struct.error, EOFError, RuntimeError) as wrong:
        raise GateError(f"{path} is no bundle that can be read: {wrong}") from None


def _check_shape(entries: Sequence[zipfile.ZipInfo], packed: int) -> None:
    if len(entries) > MOST_FILES:
        raise GateError(f"The bundle holds {len(entries)} files; more than {MOST_FILES} are not opened.")
    limit = min(MOST_BYTES, max(ALWAYS_ALLOWED_BYTES, packed * MOST_TIMES_LARGER))
    if sum(entry.file_size for entry in entries) > limit:
        raise GateError(f"The bundle unpacks to more than {limit >> 20} MiB and is not opened.")
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        if not _is_plain(name):
            raise GateError(f"The bundle names a file outside of itself, or strangely: {name!r}.")
        if name.casefold() in seen:
            raise GateError(f"The bundle holds {name!r} twice.")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise GateError(f"The bundle holds a link: {name!r}.")
        if entry.flag_bits & 0x1:
            raise GateError(f"The bundle holds an encrypted file: {name!r}.")
        seen.add(name.casefold())
    for entry in entries:
        if any(parent in seen for parent in _parents(entry.filename.casefold())):
            raise GateError(f"The bundle holds a file and a folder of one name: {entry.filename!r}.")


def _is_plain(name: str) -> bool:
    parts = name.split("/")  # an absolute name, a folder or a doubled slash has an empty part
    return not FORBIDDEN.intersection(name) and not {"", ".", ".."}.intersection(parts) and len(name) < 250


def _parents(name: str) -> Iterator[str]:
    parts = name.split("/")
    return ("/".join(parts[:count]) for count in range(1, len(parts)))


def _bytes(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(entry) as file:
            body = file.read(entry.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError):
        raise Damaged(f"changed: {entry.filename}: what was packed cannot be unpacked.") from None
    if len(body) != entry.file_size:
        raise Damaged(f"changed: {entry.filename} is not as large as the bundle says.")
    return body


def _strange(data: bytes, directory: int, entries: Sequence[zipfile.ZipInfo]) -> Iterator[str]:
    """Where the zip holds something that `write_zip` does not write."""
    at, listed = 0, b""
    for entry in entries:
        before, in_directory = _as_written(entry)
        if entry.header_offset != at or data[at : at + len(before)] != before:
            yield f"what stands in the zip before {entry.filename}"
            return
        at += len(before) + entry.compress_size
        listed += in_directory
    names = [entry.filename for entry in entries]
    end = _END.pack(b"PK\5\6", 0, 0, len(names), len(names), len(listed), directory, 0)
    if at != directory or names != sorted(names) or data[directory:] != listed + end:
        yield "the directory of the zip"


def _as_written(entry: zipfile.ZipInfo) -> tuple[bytes, bytes]:
    """What the writer puts before the file's bytes, and into the directory."""
    name = entry.filename.encode()
    same = (
        0 if entry.filename.isascii() else UTF8_NAME, zipfile.ZIP_DEFLATED, *EPOCH_PACKED,
        entry.CRC, entry.compress_size, entry.file_size, len(name), 0,
    )  # fmt: skip
    before = _BEFORE.pack(b"PK\3\4", VERSION, 0, *same)
    listed = _LISTED.pack(b"PK\1\2", VERSION, UNIX, VERSION, 0, *same, 0, 0, 0, MODE, entry.header_offset)
    return before + name, listed + name
