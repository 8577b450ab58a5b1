"""Builds colour profiles from the published numbers of their colour spaces (ICC.1:2001-04, version 2)."""

from __future__ import annotations

import struct
from typing import Final

_PRIMARIES: Final = {
    # Columns of red, green, blue, adapted to D50 (http://www.brucelindbloom.com/Eqn_RGB_XYZ_Matrix.html; P3: Apple).
    "srgb": ((0.43607, 0.22249, 0.01393), (0.38515, 0.71689, 0.09708), (0.14307, 0.06061, 0.71410)),
    "p3": ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)),
    "adobe": ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)),
    "prophoto": ((0.79767, 0.28804, 0.0), (0.13519, 0.71188, 0.0), (0.03135, 0.00009, 0.82491)),
}
GAMMAS: Final = {"adobe": 563 / 256, "prophoto": 1.8}


def primaries(name: str) -> tuple[tuple[float, float, float], ...]:
    """Return the XYZ values of red, green and blue."""
    return _PRIMARIES[name]


def rgb_profile(name: str) -> bytes:
    """Return a matrix profile: `srgb` and `p3` with sRGB's curve, `adobe` and `prophoto` with a gamma."""
    columns = _PRIMARIES[name]
    gamma = GAMMAS.get(name)
    curve = _gamma_curve(gamma) if gamma else _srgb_curve()
    tags = {b"rXYZ": _xyz(columns[0]), b"gXYZ": _xyz(columns[1]), b"bXYZ": _xyz(columns[2])}
    tags |= {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    return _profile(b"mntr", b"RGB ", b"XYZ ", tags)


def grey_profile(gamma: float) -> bytes:
    """Return a grey profile with a gamma."""
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"kTRC": _gamma_curve(gamma)})


def cmyk_profile() -> bytes:
    """Return a table profile of a press whose inks are all yellowish: nothing like the naive conversion."""
    head = struct.pack(">4sIBBBB", b"mft1", 0, 4, 3, 2, 0) + struct.pack(">9i", *(65536, 0, 0) * 3)
    ramp = bytes(range(256))
    nodes = bytearray()
    for index in range(16):
        c, m, y, k = (index >> shift & 1 for shift in (3, 2, 1, 0))
        light = 100 * (1 - 0.4 * c) * (1 - 0.5 * m) * (1 - 0.1 * y) * (1 - 0.8 * k)
        nodes += bytes((round(light * 2.55), 128 - 30 * c + 40 * m, min(255, 148 + 50 * y - 40 * c)))
    table = head + ramp * 4 + bytes(nodes) + ramp * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": table})


def _profile(kind: bytes, space: bytes, pcs: bytes, tags: dict[bytes, bytes]) -> bytes:
    text = b"drawn by a test\x00"
    described = b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78)
    tags = {b"desc": described, b"cprt": b"text" + bytes(4) + text, b"wtpt": _xyz((0.9642, 1.0, 0.8249)), **tags}
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(
        ">I4sI4s4s4s12s4s4sI", start + len(body), b"", 0x02100000, kind, space, pcs, b"", b"acsp", b"", 0
    )
    head += bytes(16) + struct.pack(">I", 0) + struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
    return head.ljust(128, b"\x00") + table + body


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))


def _gamma_curve(gamma: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))


def _srgb_curve() -> bytes:
    values = [value / 1023 for value in range(1024)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    return b"curv" + bytes(4) + struct.pack(f">I{len(linear)}H", len(linear), *(round(v * 65535) for v in linear))
