"""What of the function's memory is there for a file. Pure."""

from __future__ import annotations

from typing import Final

MEBIBYTE: Final = 1024 * 1024
BASE: Final = 90 * MEBIBYTE
"""Interpreter, boto3 with two clients, Pillow with its codecs: 70 MB measured; 20 for Lambda's runtime client."""


def needed_to_read(file_bytes: int) -> int:
    """Return the bytes of memory that a file takes to be read: header readers copy what decoding needs."""
    return BASE + 2 * file_bytes


def largest_file(memory_bytes: int) -> int:
    """Return the bytes of the largest file that a function of this memory reads."""
    return (memory_bytes - BASE) // 2
