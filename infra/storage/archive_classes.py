"""The classes that originals may be archived in, and from which size on that pays. Pure.

Prices are list prices of us-east-1 in dollars (https://aws.amazon.com/s3/pricing/); docs/costs.md shows the sum. Ratios between
the classes are much the same in every region, so the sizes are not configured by region.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

KILOBYTE: Final = 1024
GIGABYTE: Final = 1024**3
STANDARD: Final = 0.023
"""A gigabyte a month in S3 Standard."""
TAG: Final = 0.01 / 10_000
"""A tag a month."""
TAGGING: Final = 0.005 / 1000 + 0.0004 / 1000
"""Reading the tags of an object and writing them, once."""
HORIZON: Final = 12
"""Months within which the move must have paid for itself."""
_STEP: Final = 64 * KILOBYTE


@dataclass(frozen=True)
class ArchiveClass:
    """A storage class.

    Attributes:
        storage_class: As S3 calls it.
        storage: A gigabyte a month; of Intelligent-Tiering the average of a first year without reads.
        transition: One object's move.
        monitoring: An object a month.
        overhead: Kilobytes that S3 adds to an object in this class, and in Standard
            (https://docs.aws.amazon.com/AmazonS3/latest/userguide/glacier-storage-classes.html).
        least_days: That are paid for at least.
    """

    storage_class: str
    storage: float
    transition: float
    monitoring: float = 0.0
    overhead: tuple[int, int] = (0, 0)
    least_days: int = 90

    @property
    def break_even(self) -> float:
        """Bytes of the original for which a year in this class costs as much as in Standard."""
        once = (self.transition + TAGGING) / HORIZON
        archived, standard = self.overhead
        added = (archived * self.storage + standard * STANDARD) * KILOBYTE / GIGABYTE
        return (once + TAG + self.monitoring + added) / (STANDARD - self.storage) * GIGABYTE

    @property
    def smallest(self) -> int:
        """Bytes from which on originals are moved: the break-even, rounded up, so that the move always saves something."""
        return (int(self.break_even) // _STEP + 1) * _STEP


CLASSES: Final[Mapping[str, ArchiveClass]] = {
    "glacier-instant-retrieval": ArchiveClass("GLACIER_IR", 0.004, 0.02 / 1000),
    "glacier-flexible-retrieval": ArchiveClass("GLACIER", 0.0036, 0.03 / 1000, overhead=(32, 8)),
    "deep-archive": ArchiveClass("DEEP_ARCHIVE", 0.00099, 0.05 / 1000, overhead=(32, 8), least_days=180),
    "intelligent-tiering": ArchiveClass(
        # A month in the frequent tier, two in the infrequent one at 0.0125, nine in the instant archive at 0.004.
        "INTELLIGENT_TIERING",
        (0.023 + 2 * 0.0125 + 9 * 0.004) / 12,
        0.01 / 1000,
        monitoring=0.0025 / 1000,
        least_days=0,
    ),
}
"""By the name that the configuration has for it."""
