"""A notification configuration as S3 gave it: the EventBridge flag put in or taken out, every other byte left. Asks nothing.

S3 replaces the whole configuration by what it is sent
(https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html), and boto3 reads and writes only the
elements of its own model: what goes through it loses the others. So the bytes themselves are sent back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT: Final = "NotificationConfiguration"
_FLAG: Final = "EventBridgeConfiguration"
_SEPARATOR: Final = "\n"
"""Between a namespace and a name; no namespace has one."""
_TAG: Final = re.compile(rb"""<([^\s/>]+)(?:[^>"']|"[^"]*"|'[^']*')*>""")

Said = tuple[str, tuple[tuple[str, str], ...], str, tuple["Said", ...]]
"""An element without prefixes and indentation: name, attributes, text, children."""


class NoConfigurationError(ValueError):
    """The bytes are no notification configuration."""


@dataclass(frozen=True)
class Document:
    """The configuration; `raw` is UTF-8."""

    raw: bytes

    @property
    def has_flag(self) -> bool:
        """Whether the bucket sends its events to EventBridge."""
        return bool(self._places.flags)

    def with_flag(self) -> Document:
        """Return it with the flag, last of all as in S3's own model.

        Raises:
            NoConfigurationError: It is none.
        """
        if self.has_flag:
            return self
        root, raw = self._places.root, self.raw
        name = root.name.removesuffix(_ROOT.encode()) + _FLAG.encode()
        if root.is_short:
            return Document(b"%s><%s/></%s>%s" % (raw[: root.end - 2], name, root.name, raw[root.end :]))
        # What was empty in two tags is to be so again without the flag.
        flag = b"<%s></%s>" % (name, name) if root.is_empty else b"<%s/>" % name
        return Document(raw[: root.closing] + flag + raw[root.closing :])

    def without_flag(self) -> Document:
        """Return it without the flag: what it was before `with_flag`, byte for byte.

        Raises:
            NoConfigurationError: It is none.
        """
        raw, was_short = self.raw, False
        for flag in reversed(self._places.flags):
            raw, was_short = raw[: flag.start] + raw[flag.end :], flag.is_short
        rest = Document(raw)
        root = rest._places.root
        if was_short and root.is_empty and not root.is_short:
            return Document(raw[: root.opened - 1] + b"/>" + raw[root.end :])
        return rest

    @cached_property
    def others(self) -> tuple[Said, ...]:
        """Everything but the flag, in whatever order and spelling: S3 may write it in its own."""
        root = ET.fromstring(self._places.raw)  # noqa: S314 - expat has read it, and refused what declares entities
        namespace = root.tag.removesuffix(_ROOT)
        return tuple(sorted(_said(child) for child in root if child.tag != namespace + _FLAG))

    def lines(self) -> list[str]:
        """Return everything but the flag for people: a line each, with whatever is in it."""
        return [f"{_local(name)}  {'  '.join(_leaves(children))}" for name, _, _, children in self.others]

    @cached_property
    def _places(self) -> _Places:
        return _Places(self.raw)


@dataclass(frozen=True)
class _Element:
    """Offsets of bytes: of the first tag and after it, of the last tag and after it; `name` as it is written.

    `is_short`: it is one tag.
    """

    name: bytes
    start: int
    opened: int
    closing: int
    end: int

    @property
    def is_short(self) -> bool:
        return self.closing == self.start

    @property
    def is_empty(self) -> bool:
        return self.is_short or self.closing == self.opened


class _Places:
    """Where the root is, and the flags in it."""

    def __init__(self, raw: bytes) -> None:
        self.flags: list[_Element] = []
        self.raw = raw
        self._begun: list[tuple[str, int]] = []
        self._parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse
        try:
            raw.decode("utf-8")
            self._parser.Parse(raw, True)
        except (expat.ExpatError, UnicodeDecodeError) as exc:
            raise NoConfigurationError(str(exc)) from exc

    def _begin(self, name: str, _attributes: object) -> None:
        if not self._begun and _local(name) != _ROOT:
            raise NoConfigurationError(f"it is a {_local(name)}")
        self._begun.append((name, self._parser.CurrentByteIndex))

    def _end(self, name: str) -> None:
        _, start = self._begun.pop()
        if not self._begun:
            self.root = self._element(start)
        elif len(self._begun) == 1 and name == self._begun[0][0].removesuffix(_ROOT) + _FLAG:
            self.flags.append(self._element(start))

    def _element(self, start: int) -> _Element:
        tag = _TAG.match(self.raw, start)
        assert tag is not None  # The parser has read it.
        if tag[0].endswith(b"/>"):
            return _Element(tag[1], start, tag.end(), start, tag.end())
        closing = self._parser.CurrentByteIndex
        return _Element(tag[1], start, tag.end(), closing, self.raw.index(b">", closing) + 1)

    def _refuse(self, *_: object) -> None:
        raise NoConfigurationError("it declares a type of its own")


def _local(name: str) -> str:
    return name.rpartition(_SEPARATOR)[2].rpartition("}")[2]


def _said(element: ET.Element) -> Said:
    children = tuple(_said(child) for child in element)
    text = "" if children else element.text or ""
    return element.tag, tuple(sorted(element.attrib.items())), text, children


def _leaves(children: tuple[Said, ...]) -> Iterator[str]:
    """Yield `name=text` of what is in an element; a filter's rule as `prefix=photos/`."""
    if [_local(name) for name, *_ in children] == ["Name", "Value"]:
        (_, _, name, _), (_, _, value, _) = children
        yield f"{name}={value}"
        return
    for name, _, text, inner in children:
        if inner:
            yield from _leaves(inner)
        else:
            yield f"{_local(name)}={text}"
