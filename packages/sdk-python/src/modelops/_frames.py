"""Frames between the worker and a host, on separate descriptors.

A frame is: body length (u32 LE), header length (u32 LE), header (JSON), then buffers, each padded to 8 bytes. The
header's ``buffers`` lists the byte length of each buffer in order.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator, Sequence
from typing import Any, Union

PREFIX = struct.Struct("<II")
LENGTH = struct.Struct("<I")
ZEROS = bytes(8)
#: Maximum number of pieces in one writev, on any system.
MAX_PIECES = 512
#: Maximum length of a body: the worker refuses a longer one.
MAX_BYTES = 2**31 - 16

Bytes = Union[bytes, bytearray, memoryview]


def padding(length: int) -> int:
    return -length & 7


def encode_frame(header: dict[str, Any], buffers: Sequence[Bytes] = ()) -> list[Bytes]:
    """The frame in pieces, without copying the buffers. :raises OverflowError: above 2 GiB, :raises ValueError: for NaN in the header"""
    sizes = [memoryview(buffer).nbytes for buffer in buffers]
    text = json.dumps({**header, "buffers": sizes}, allow_nan=False, separators=(",", ":")).encode()
    header_size = len(text) + padding(PREFIX.size + len(text))
    body = LENGTH.size + header_size + sum(size + padding(size) for size in sizes)
    if body > MAX_BYTES:
        raise OverflowError(f"{body / 2**30:.1f} GiB in one message; the limit is 2 GiB")
    pieces: list[Bytes] = [PREFIX.pack(body, len(text)), text.ljust(header_size, b"\0")]
    for buffer, size in zip(buffers, sizes):
        if size:
            pieces.append(memoryview(buffer).cast("B"))
        if padding(size):
            pieces.append(ZEROS[: padding(size)])
    return pieces


def decode_body(body: memoryview) -> tuple[dict[str, Any], list[memoryview]]:
    """Header and buffers of a frame's body (what follows its first four bytes). Buffers are views of it."""
    (length,) = LENGTH.unpack_from(body)
    header = json.loads(bytes(body[4 : 4 + length]))
    at = 4 + length + padding(PREFIX.size + length)
    buffers = []
    for size in header["buffers"]:
        buffers.append(body[at : at + size])
        at += size + padding(size)
    return header, buffers


def write_frame(descriptor: int, header: dict[str, Any], buffers: Sequence[Bytes] = ()) -> None:
    write_pieces(descriptor, encode_frame(header, buffers))


def write_pieces(descriptor: int, pieces: Sequence[Bytes]) -> None:
    waiting = [memoryview(piece) for piece in pieces]
    at = 0
    while at < len(waiting):
        written = os.writev(descriptor, waiting[at : at + MAX_PIECES])
        while at < len(waiting) and written >= len(waiting[at]):
            written -= len(waiting[at])
            at += 1
        if written:
            waiting[at] = waiting[at][written:]


def read_frame(descriptor: int) -> tuple[dict[str, Any], list[memoryview]] | None:
    """The next frame, or None at the end of the stream."""
    prefix = _read_exactly(descriptor, LENGTH.size)
    if prefix is None:
        return None
    body = _read_exactly(descriptor, LENGTH.unpack(prefix)[0])
    return None if body is None else decode_body(body)


def read_frames(descriptor: int) -> Iterator[tuple[dict[str, Any], list[memoryview]]]:
    while (frame := read_frame(descriptor)) is not None:
        yield frame


def _read_exactly(descriptor: int, length: int) -> memoryview | None:
    view = memoryview(bytearray(length))
    at = 0
    while at < length:
        read = os.readv(descriptor, [view[at:]])
        if read == 0:
            return None
        at += read
    return view
