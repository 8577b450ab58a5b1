"""The saved queries ask for what the worker logs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from infra.queries import QUERIES
from worker import log, metrics

COMMANDS = {"filter", "stats", "sort", "fields", "limit", "count", "as", "by", "in", "and", "asc", "desc", "messages"}
LISTS = {"keys", "versions"}


def logged():
    """Return the names of the fields of an outcome's line, as `worker/attempt.py` has them."""
    tree = ast.parse((Path(log.__file__).parent / "attempt.py").read_text())
    (facts,) = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "facts"]
    keys = {
        key.value
        for node in ast.walk(facts)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    }
    return {*keys, "event", "request_id", *metrics.UNITS}


@pytest.mark.parametrize("name", QUERIES)
def test_every_field_of_a_query_is_one_that_the_worker_logs(name):
    """A field that nobody logs is no error in CloudWatch: its column is just empty."""
    words = re.findall(r"@?[A-Za-z_]+(?:\.0)?", re.sub(r'"[^"]*"', "", QUERIES[name]))
    asked = {word for word in words if word not in COMMANDS and word != "@timestamp"}
    assert {word.removesuffix(".0") for word in asked} <= logged()
    assert {word for word in asked if word.removesuffix(".0") in LISTS} == {w for w in asked if w.endswith(".0")}


def test_the_events_of_the_queries_are_the_worker_s():
    """Constant names, from one module."""
    events = set(re.findall(r'"(message\.[a-z]+)"', " ".join(QUERIES.values())))
    assert events == {log.DONE, log.REJECT, log.RETRY}
