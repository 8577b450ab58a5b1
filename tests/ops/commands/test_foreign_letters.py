"""Dead letters that somebody else has sent: every command reads them, shows them safely, and loses none."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.worker.contracts.foreign import messages as foreign

pytestmark = [pytest.mark.stack, pytest.mark.soak, pytest.mark.filterwarnings("ignore:Generating overly large repr")]
SHOWN = 3
"""Letters that are shown and tried one by one."""


def plant(bench, letters):
    """Send letters to the dead-letter queue; return how many SQS takes."""
    taken = 0
    for body, attributes in letters:
        own = body.replace(foreign.BUCKET, bench.stack["source_bucket"])
        try:
            bench.client("sqs").send_message(
                QueueUrl=bench.stack["dead_letter_queue_url"], MessageBody=own, MessageAttributes=attributes
            )
        except ClientError:  # Too long with its attributes, or a number that SQS does not take.
            continue
        taken += 1
    return taken


@pytest.fixture
def idle(bench):
    """Stop the worker meanwhile: what is sent back stays in the queue, where it can be counted."""
    client, function = bench.client("lambda"), bench.stack["worker_function"]
    mappings = client.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    for mapping in mappings:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    yield
    bench.client("sqs").purge_queue(QueueUrl=bench.stack["queue_url"])
    for mapping in mappings:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def run(bench, *arguments):
    """Run a command: it ends with a status, and neither a traceback nor anything that a terminal would act on."""
    ended = bench.run(*arguments)
    assert ended.status in {0, 1}, (arguments, ended.err)
    assert "this is a bug" not in ended.err
    assert all(line.isprintable() for line in (ended.out + ended.err).split("\n")), arguments
    return ended


@settings(
    max_examples=settings().max_examples // 25,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(letters=st.lists(st.tuples(foreign.BODIES, foreign.attributes()), min_size=25, max_size=60))
@pytest.mark.usefixtures("idle")
def test_every_command_reads_them_and_loses_none(bench, tmp_path, counts, letters):
    """`status`, `list`, `show`, `try`, `where`, `export`, `purge`, `import` and `redrive`, with whatever a queue may hold."""
    bench.client("sqs").purge_queue(QueueUrl=bench.stack["queue_url"])
    bench.empty()
    count = plant(bench, letters)
    listed = [json.loads(line) for line in run(bench, "dlq", "list", "--json").out.split("\n") if line]
    assert len(listed) == count
    run(bench, "dlq", "list")
    for letter in listed[:SHOWN]:
        run(bench, "dlq", "show", letter["id"])
        run(bench, "dlq", "show", letter["id"], "--json")
    for letter in listed[:SHOWN]:
        run(bench, "dlq", "try", letter["id"])
    for key in [key for letter in listed for key in letter["keys"] if key.isprintable()][:SHOWN]:
        run(bench, "where", "--", key)
    run(bench, "status", "--json")
    run(bench, "redrive", "--dry-run")
    assert bench.depth("dead_letter_queue_url") == (count, 0)
    for filters in (["--verdict", "permanent", "--verdict", "source-gone"], ["--all"]):
        kept = tmp_path / "letters.jsonl"
        kept.unlink(missing_ok=True)
        run(bench, "dlq", "purge", *filters, "--export", str(kept), "--yes")
        purged = kept.read_bytes().count(b"\n") if kept.exists() else 0
        assert bench.depth("dead_letter_queue_url") == (count - purged, 0)
        if purged:
            run(bench, "dlq", "import", str(kept), "--yes")
        assert bench.depth("dead_letter_queue_url") == (count, 0)
    assert purged == count
    run(bench, "redrive", "--no-follow", "--yes")
    left, sent = bench.depth("dead_letter_queue_url"), bench.depth("queue_url")
    assert (left[0] + sent[0], left[1] + sent[1]) == (count, 0)
    counts["letters that were sent back"] += sent[0]
    counts["queues of letters"] += 1
    counts["letters, each read by every command and there in the end"] += count
