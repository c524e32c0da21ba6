"""Looks for known secrets in everything that a run left: in clear, spelt otherwise, in base64, in nested zips."""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from gate.doors.secrecy import spellings

DEEPEST = 4
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{32,}={0,2}")


def found(secrets: Mapping[str, str], places: Iterable[tuple[str, bytes]]) -> list[str]:
    """`place: secret (spelling)` for every secret that stands somewhere."""
    wanted = [
        (name, spelling, spelled)
        for name, secret in secrets.items()
        for spelling, spelled in spellings(secret).items()
    ]
    told = []
    for place, body in places:
        told += [f"{place}: {name} ({spelling})" for name, spelling, spelled in wanted if spelled in body]
    return sorted(set(told))


def everything(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of a folder with everything that is packed inside of it."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield from unpacked(str(path.relative_to(folder)), path.read_bytes())


def unpacked(place: str, body: bytes, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """The bytes, and what zips, gzip, PDF streams and base64 inside of them hold."""
    yield place, body
    if depth == DEEPEST:
        return
    for name, inner in _inside(body):
        yield from unpacked(f"{place} > {name}", inner, depth + 1)


def _inside(body: bytes) -> Iterator[tuple[str, bytes]]:
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            yield from ((name, archive.read(name)) for name in archive.namelist())
        return
    if body.startswith(b"\x1f\x8b"):
        yield "gzip", gzip.decompress(body)
    if body.startswith(b"%PDF"):
        yield from (("stream", one) for one in _pdf_streams(body))
    if body.startswith(b"\x89PNG"):
        return
    for one in _BASE64.finditer(body):
        decoded = _decoded(one[0])
        if decoded:
            yield "base64", decoded


def _pdf_streams(body: bytes) -> Iterator[bytes]:
    for one in re.finditer(rb"stream\r?\n(.*?)endstream", body, re.S):
        try:
            yield zlib.decompress(one[1])
        except zlib.error:
            continue


def _decoded(text: bytes) -> bytes:
    plain = text.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4))
    except (binascii.Error, ValueError):
        return b""
