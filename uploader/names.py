"""Ids and keys: an id is a capability, and is all that it takes to find the picture's key. Pure.

    id   0123456789abcdef0123456789abcdef-Katzchen-Kissen.jpg
    key  uploads/0123456789abcdef0123456789abcdef/Katzchen-Kissen.jpg

The key follows from the id, so that the function needs no permission to list a bucket: with its stolen role,
nobody can find out what others have uploaded.

The id in turn follows from a ticket, which only the one who asked for the first form gets. The addresses of renditions have
the id in them, and are for other people's eyes; the way back from it to the ticket is as long as guessing one.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from uploader.errors import NotFound

PREFIX: Final = "uploads/"
"""Of every key that the page may write."""
_LONGEST_STEM: Final = 60
_LONGEST_EXTENSION: Final = 10
_ID: Final = re.compile(r"([0-9a-f]{32})-([A-Za-z0-9][A-Za-z0-9._-]{0,79})")
_FALLBACK: Final = "picture"


@dataclass(frozen=True)
class Upload:
    """One picture that was or will be uploaded.

    Attributes:
        secret: 128 bits in hexadecimal, as random as the ticket is.
        name: Safe in a key, a URL and a header.
    """

    secret: str
    name: str

    @classmethod
    def of_ticket(cls, ticket: str, name: str) -> Upload:
        """Return the one upload of a name that a ticket is for."""
        safe = safe_name(name)
        return cls(hashlib.sha256(f"{ticket}/{safe}".encode()).hexdigest()[:32], safe)

    @classmethod
    def from_id(cls, id_: str) -> Upload:
        """Return the upload of an id.

        Raises:
            NotFound: It is no id; the same answer as for an id that does not exist.
        """
        match = _ID.fullmatch(id_)
        if match is None:
            raise NotFound("There is no picture with this id.")
        return cls(match[1], match[2])

    @property
    def id(self) -> str:
        """What the page asks with."""
        return f"{self.secret}-{self.name}"

    @property
    def key(self) -> str:
        """In the source bucket."""
        return f"{PREFIX}{self.secret}/{self.name}"

    @property
    def manifest_key(self) -> str:
        """In the output bucket: `worker.contracts.keys.manifest_key`, which a test compares it with."""
        return f"manifest/{self.key}.json"


def safe_name(name: str) -> str:
    """Return a file's name without its folders, in ASCII letters, digits, `.`, `_` and `-`.

    `../../Kätzchen + Kissen.JPG` becomes `Katzchen-Kissen.JPG`, and what has nothing left becomes `picture`.
    """
    last = re.split(r"[\\/]", name)[-1]
    plain = unicodedata.normalize("NFKD", last).encode("ascii", "ignore").decode()
    # Python's own lower limit of what is a file's ending: `archive.tar.gz` keeps its last one.
    stem, dot, extension = plain.rpartition(".") if "." in plain else (plain, "", "")
    clean = _clean(stem)[:_LONGEST_STEM].rstrip("-._") or _FALLBACK
    ending = re.sub(r"[^A-Za-z0-9]", "", extension)[:_LONGEST_EXTENSION]
    return f"{clean}{dot}{ending}" if ending else clean


def _clean(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")
