"""The saved queries ask for what the worker logs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from infra.page.access_log import FIELDS
from infra.watch.queries import PAGE_ANSWERS, PAGE_REFUSALS, QUERIES
from tests.infra.recording import record, record_page
from uploader import handler, log
from worker.contracts import metrics, names
from worker.queue import settlement

COMMANDS = {"filter", "stats", "sort", "fields", "limit", "count", "as", "by", "in", "and", "asc", "desc", "messages"}
EVERY = {**QUERIES, "page-refusals": PAGE_REFUSALS, "page-answers": PAGE_ANSWERS}
DEFINITION = "cloudwatch/queryDefinition:QueryDefinition"
LISTS = {"keys", "versions"}

FIELD = r"(?:@?[A-Za-z_]\w*(?:\.\w+)*)"
"""Anything else would need backticks:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html"""
LITERAL = r'(?:"[^"|]*"|\d+(?:\.\d+)?)'
COMPARISON = rf"{FIELD} (?:(?:=|!=|<=?|>=?) {LITERAL}|(?:not )?in \[{LITERAL}(?:, ?{LITERAL})*\])"
GRAMMAR = {
    "filter": rf"{COMPARISON}(?: (?:and|or) {COMPARISON})*",
    "fields": rf"{FIELD}(?:, {FIELD})*",
    "stats": rf"count\(\*\) as {FIELD} by {FIELD}(?:, {FIELD})*",
    "sort": rf"{FIELD} (?:asc|desc)",
    "limit": r"[1-9]\d{0,3}|10000",
}
"""The part of https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html that the queries use."""


def parsed(query):
    """Return the commands of a query, each with what comes after its name.

    Raises:
        ValueError: One is not of the grammar.
    """
    commands = []
    for text in query.strip().split("|"):
        name, _, rest = " ".join(text.split()).partition(" ")
        if name not in GRAMMAR or not re.fullmatch(GRAMMAR[name], rest):
            raise ValueError(text.strip())
        commands.append((name, rest))
    return commands


def logged():
    """Return the names of the fields of an outcome's line, as `worker/queue/settlement.py` has them."""
    tree = ast.parse(Path(settlement.__file__).read_text())
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
    """A field that is not logged is no error in CloudWatch: its column is just empty."""
    words = re.findall(r"@?[A-Za-z_]+(?:\.0)?", re.sub(r'"[^"]*"', "", QUERIES[name]))
    asked = {word for word in words if word not in COMMANDS and word != "@timestamp"}
    assert {word.removesuffix(".0") for word in asked} <= logged()
    assert {word for word in asked if word.removesuffix(".0") in LISTS} == {w for w in asked if w.endswith(".0")}


def test_the_events_of_the_queries_are_the_worker_s():
    """Constant names, from one module."""
    events = set(re.findall(r'"(message\.[a-z]+)"', " ".join(QUERIES.values())))
    assert events == {names.DONE, names.REJECT, names.RETRY}


def test_the_page_s_queries_ask_its_two_logs_for_what_they_have():
    """The refusals by address are the uploader's; what API Gateway answers itself is in the access log alone."""
    fields = set(handler._fields({}, "")) | {"event", "status", "code"}
    page = {query.inputs["name"].rpartition("/")[2]: query.inputs for query in record_page().all(DEFINITION)}
    for name, query, group, known in (
        ("page-refusals", PAGE_REFUSALS, "images-dev-uploader", fields),
        ("page-answers", PAGE_ANSWERS, "images-dev-api-access", set(FIELDS)),
    ):
        assert page[name]["queryString"] == query.strip()
        assert page[name]["logGroupNames"] == [group]
        asked = dict(parsed(query))["stats"].partition(" by ")[2].split(", ")
        assert set(asked) <= known
    assert set(re.findall(r'"(request\.[a-z]+)"', PAGE_REFUSALS)) == {log.REFUSED, log.FAILED}
    assert set(page) == set(EVERY)
    assert {query.inputs["name"].rpartition("/")[2] for query in record().all(DEFINITION)} == set(QUERIES)


@pytest.mark.parametrize("name", EVERY)
def test_every_query_is_of_the_documented_grammar(name):
    """CloudWatch would report a query that it cannot read only to the operator who runs it."""
    assert len(parsed(EVERY[name])) > 1


@pytest.mark.parametrize("name", EVERY)
def test_what_is_sorted_by_is_still_there(name):
    """After `stats` there is only what it made; everything else would sort by nothing."""
    made = None
    for command, rest in parsed(EVERY[name]):
        if command == "stats":
            made = set(re.findall(FIELD, rest.partition(" as ")[2].replace(" by ", " ")))
        elif command == "sort" and made is not None:
            assert rest.split()[0] in made


@pytest.mark.parametrize(
    "query",
    [
        "",
        "filter event == 1",
        "filter event = message.done",
        "filter a = 1 | | limit 5",
        "filter a = 1 limit 5",
        "filter a in (1, 2)",
        "fields a b",
        "sort a descending",
        "order by a",
        "stats count() as n by a",
        "limit 10001",
        "where a = 1",
    ],
)
def test_the_grammar_refuses(query):
    """What Insights would not read: the test above can fail."""
    with pytest.raises(ValueError):  # noqa: PT011 - the query itself is the message
        parsed(query)
