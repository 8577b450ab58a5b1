"""Metric filters: the part of CloudWatch's JSON patterns that filters here need. What it does not know is an error, never a guess.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMPARISON: Final = re.compile(r'\$\.(\w+) (=|!=) "([\w*.-]*)"')


class PatternError(ValueError):
    """The pattern is none, or uses what is not known here."""


@dataclass(frozen=True)
class Pattern:
    """Comparisons of a line's fields with texts, all of which must hold: field, whether equal, text with wildcards `*`."""

    comparisons: tuple[tuple[str, bool, str], ...]

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Parse `{ $.a = "x*" && $.b != "y" }`.

        Raises:
            PatternError: It is anything else.
        """
        if not (text.startswith("{ ") and text.endswith(" }")):
            raise PatternError(f"{text!r} is no pattern of JSON lines")
        found = [_COMPARISON.fullmatch(part) for part in text[2:-2].split(" && ")]
        if None in found:
            raise PatternError(f"{text!r} has more than comparisons of fields with texts")
        return cls(tuple((match[1], match[2] == "=", match[3]) for match in found if match))

    def matches(self, line: Mapping[str, Any]) -> bool:
        """Whether a line has every field, and as the pattern says."""
        return all(
            isinstance(line.get(field), str) and fnmatchcase(line[field], text) == equal
            for field, equal, text in self.comparisons
        )


def counted(filter_: Mapping[str, Any], message: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return namespace and data points of each metric that a filter, as described by the API, makes of a message."""
    try:
        line = json.loads(message)
    except ValueError:
        return []
    if not isinstance(line, dict) or not Pattern.parse(filter_["filterPattern"]).matches(line):
        return []
    return [
        (
            each["metricNamespace"],
            [
                {
                    "MetricName": each["metricName"],
                    "Dimensions": [
                        {"Name": name, "Value": line[field.removeprefix("$.")]}
                        for name, field in each.get("dimensions", {}).items()
                    ],
                    "Value": float(each["metricValue"]),
                    "Unit": each.get("unit", "None"),
                }
            ],
        )
        for each in filter_["metricTransformations"]
    ]
