"""The Pulumi program as a whole: the relations between its resources that AWS checks late, or never."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from infra.messaging.queues import DAY
from tests.infra.recording import ACCOUNT, record, statements
from worker.contracts.function.settings import RECIPE, Settings

SNAPSHOT = Path(__file__).parent / "resources.txt"
OUTPUTS = {
    "source_bucket",
    "source_events",
    "output_bucket",
    "queue_url",
    "backfill",
    "backfill_queue_url",
    "dead_letter_queue_url",
    "worker_function",
    "completion_topic_arn",
    "subscriber_queue_urls",
    "subscriber_queue_arns",
    "undelivered_queue_urls",
    "alarm_topic_arn",
    "operator_topic_arn",
    "dashboard_url",
}
WORKER_MAY = {
    "worker-reads-source": {
        ("s3:GetObject", "arn:images-dev-source/*"),
        ("s3:ListBucket", "arn:images-dev-source"),
    },
    "worker-writes-output": {
        ("s3:GetObject", "arn:images-dev-output/*"),
        ("s3:PutObject", "arn:images-dev-output/*"),
        ("s3:DeleteObject", "arn:images-dev-output/*"),
        ("s3:ListBucket", "arn:images-dev-output"),
    },
    "worker-consumes-queue": {
        ("sqs:ReceiveMessage", "arn:images-dev-queue"),
        ("sqs:DeleteMessage", "arn:images-dev-queue"),
        ("sqs:GetQueueAttributes", "arn:images-dev-queue"),
        ("sqs:ChangeMessageVisibility", "arn:images-dev-queue"),
    },
    "worker-consumes-backfill": {
        ("sqs:ReceiveMessage", "arn:images-dev-backfill"),
        ("sqs:DeleteMessage", "arn:images-dev-backfill"),
        ("sqs:GetQueueAttributes", "arn:images-dev-backfill"),
        ("sqs:ChangeMessageVisibility", "arn:images-dev-backfill"),
    },
    "worker-rejects-to-dead-letters": {("sqs:SendMessage", "arn:images-dev-dead-letters")},
    "worker-publishes-completion": {("sns:Publish", "arn:images-dev-completion")},
    "worker-writes-log": {
        ("logs:CreateLogStream", "arn:images-dev-worker:*"),
        ("logs:PutLogEvents", "arn:images-dev-worker:*"),
    },
    # X-Ray has no resources to name.
    "worker-sends-traces": {("xray:PutTraceSegments", "*"), ("xray:PutTelemetryRecords", "*")},
}


def allowed(policy):
    """Return every (action, resource) that a policy allows."""
    return {
        (action, resource)
        for statement in statements(policy)
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
        for resource in statement["Resource"]
    }


def test_the_resources_are_those_of_the_snapshot(program):
    """A name that changes is a resource that an update destroys: it does not change by accident."""
    regenerate = "python -m tests.infra.recording > tests/infra/program/resources.txt"
    assert program.snapshot() == SNAPSHOT.read_text().splitlines(), f"if it is meant: {regenerate}"


def test_the_outputs_are_those_of_the_design(program):
    """Operators' commands and other programs rely on the names, and none is empty."""
    assert set(program.exports) == OUTPUTS
    empty = {name for name, value in program.exports.items() if not value}
    assert empty == {"subscriber_queue_urls", "subscriber_queue_arns", "undelivered_queue_urls"}


def test_everything_goes_through_the_one_provider(program):
    """No resource falls back on an ambient region, and each gets the default tags."""
    (provider,) = [r for r in program.resources if r.type == "pulumi:providers:aws"]
    tags = {"project": "image-pipeline", "stack": "dev", "managed-by": "pulumi"}
    assert json.loads(provider.inputs["defaultTags"]) == {"tags": tags}
    assert provider.inputs["region"] == "eu-central-1"
    strays = [r.name for r in program.resources if r.type.startswith("aws:") and "::aws::" not in r.provider]
    assert strays == []


@pytest.mark.parametrize("timeout", [10, 90, 900])
@pytest.mark.parametrize(("batch", "window"), [(1, 0), (2, 1), (1000, 1)])
def test_a_message_stays_hidden_for_six_timeouts_and_the_window(timeout, batch, window):
    """AWS's recommendation, so that throttled batches can be tried again before their messages are seen twice."""
    program = record(worker={"timeout": timeout, "batchSize": batch})
    for mapping in program.all("lambda/eventSourceMapping:EventSourceMapping"):
        assert mapping.inputs["maximumBatchingWindowInSeconds"] == window
    queue = program.one("sqs/queue:Queue", "queue")
    assert queue.inputs["visibilityTimeoutSeconds"] >= 6 * timeout + window


def test_dead_letters_outlive_the_queue(program):
    """A letter's age counts from its first day, so it must be kept for longer than the queue keeps messages."""
    queue, letters = program.one("sqs/queue:Queue", "queue"), program.one("sqs/queue:Queue", "dead-letters")
    assert letters.inputs["messageRetentionSeconds"] == 14 * DAY > queue.inputs["messageRetentionSeconds"]


def test_a_message_that_fails_five_times_goes_to_the_dead_letters_and_no_other_does(program):
    """The redrive policy names the dead-letter queue, and that one allows only this queue and the one for backfills."""
    redrive = json.loads(program.one("sqs/queue:Queue", "queue").inputs["redrivePolicy"])
    assert redrive == {"deadLetterTargetArn": "arn:images-dev-dead-letters", "maxReceiveCount": 5}
    (allow,) = program.all("sqs/redriveAllowPolicy:RedriveAllowPolicy")
    permission = {
        "redrivePermission": "byQueue",
        "sourceQueueArns": ["arn:images-dev-queue", "arn:images-dev-backfill"],
    }
    assert json.loads(allow.inputs["redriveAllowPolicy"]) == permission


def test_only_this_bucket_of_this_account_may_send(program):
    """A bucket of that name in another account, or another bucket of this one, is refused."""
    (policy,) = [p for p in program.all("sqs/queuePolicy:QueuePolicy") if p.name == "queue-accepts-source"]
    (allow,) = [s for s in statements(policy.inputs["policy"]) if s["Effect"] == "Allow"]
    assert allow["Principal"] == {"Service": "s3.amazonaws.com"}
    assert allow["Action"] == ["sqs:SendMessage"]
    assert allow["Condition"] == {
        "ArnEquals": {"aws:SourceArn": "arn:images-dev-source"},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }


@pytest.mark.parametrize(
    "type_", ["s3/bucketPolicy:BucketPolicy", "sqs/queuePolicy:QueuePolicy", "sns/topicPolicy:TopicPolicy"]
)
def test_plain_http_is_denied_to_everybody(program, type_):
    """Every bucket, queue and topic has a policy that denies what does not come over TLS."""
    policies = program.all(type_)
    assert len(policies) == (2 if type_.startswith("s3") else 3)
    for policy in policies:
        (deny,) = [s for s in statements(policy.inputs["policy"]) if s["Effect"] == "Deny"]
        assert deny["Principal"] == "*"
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_s3_notifies_only_when_it_may(program):
    """S3 tries the queue's policy at once: the policy is there before the notification (pulumi-aws#1888)."""
    (notification,) = program.all("s3/bucketNotification:BucketNotification")
    assert "queue-accepts-source" in notification.after
    (queue,) = notification.inputs["queues"]
    assert queue["events"] == ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectRestore:Completed"]
    assert not {"filterPrefix", "filterSuffix"} & queue.keys()


def test_the_notification_is_for_every_suffix_under_the_prefix():
    """One announcement for each suffix, all with the prefix."""
    (notification,) = record(source={"prefix": "in/", "suffixes": [".jpg", ".png"]}).all(
        "s3/bucketNotification:BucketNotification"
    )
    filters = {(q["filterPrefix"], q["filterSuffix"]) for q in notification.inputs["queues"]}
    assert filters == {("in/", ".jpg"), ("in/", ".png")}


@pytest.mark.parametrize(("queue", "concurrency"), [("queue", 5), ("backfill", 2)])
def test_the_mapping_waits_for_every_grant(program, queue, concurrency):
    """Lambda tries the role when the mapping is created; a grant that comes later is a failed first deployment."""
    mapping = program.one("lambda/eventSourceMapping:EventSourceMapping", f"{queue}-invokes-worker")
    granted_before_the_function = {"worker-writes-log", "worker-sends-traces"}
    assert set(WORKER_MAY) - granted_before_the_function <= mapping.after
    assert granted_before_the_function <= program.one("lambda/function:Function", "worker").after
    assert mapping.inputs["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert (mapping.inputs["batchSize"], mapping.inputs["maximumBatchingWindowInSeconds"]) == (10, 1)
    assert mapping.inputs["scalingConfig"] == {"maximumConcurrency": concurrency}


def test_the_worker_may_do_exactly_what_it_does(program):
    """Every action on every ARN, and nothing besides."""
    granted = {policy.name: allowed(policy.inputs["policy"]) for policy in program.all("iam/rolePolicy:RolePolicy")}
    assert {name: may for name, may in granted.items() if not name.startswith("pager-")} == WORKER_MAY


def test_no_policy_allows_a_star(program):
    """No Allow statement of any policy has `*` in an action or is for every resource, but for X-Ray and CloudWatch, which have none."""
    policies = [
        r for r in program.resources if "policy" in r.inputs and r.name not in ("worker-sends-traces", "pager-looks")
    ]
    assert len(policies) == 18
    for policy in policies:
        for action, resource in allowed(policy.inputs["policy"]):
            assert "*" not in action, policy.name
            assert resource != "*", policy.name


def test_the_worker_s_environment_is_what_it_reads(program):
    """The function's environment and the recipe in its zip are the worker's settings, no more and no less."""
    function = program.one("lambda/function:Function", "worker")
    environment = function.inputs["environment"]["variables"]
    assert set(environment) == {*Settings.VARIABLES, *Settings.PROCESS_VARIABLES, "COMPLETION_TOPIC_ARN"}
    with zipfile.ZipFile(function.inputs["code"].path) as package:
        recipe = package.read(RECIPE).decode()
    of_lambda = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512", "AWS_LAMBDA_FUNCTION_NAME": "w"}
    settings = Settings.from_env({**environment, **of_lambda}, recipe)
    assert [(spec.name, spec.width, spec.format) for spec in settings.recipes.of("a.jpg").specs] == [
        ("thumbnail", 256, "webp"),
        ("web", 1600, "webp"),
    ]
    assert settings.source_bucket == "images-dev-source"


def test_the_function_is_what_the_readme_says(program):
    """Python 3.13 on arm64, 512 MB, 90 s, JSON log in a group of its own with retention, traced."""
    inputs = program.one("lambda/function:Function", "worker").inputs
    assert (inputs["runtime"], inputs["architectures"], inputs["memorySize"], inputs["timeout"]) == (
        "python3.13",
        ["arm64"],
        512,
        90,
    )
    group = program.one("cloudwatch/logGroup:LogGroup", "worker")
    assert group.inputs["retentionInDays"] == 7
    assert inputs["loggingConfig"] == {"logFormat": "JSON", "logGroup": group.name}
    assert inputs["tracingConfig"] == {"mode": "Active"}
    assert "reservedConcurrentExecutions" not in inputs


def test_every_bucket_is_closed_encrypted_and_tidy(program):
    """Public access blocked in all four ways, owned by the account, encrypted, incomplete uploads deleted after a week."""
    for bucket in ("source", "output"):
        block = program.one("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", f"{bucket}-blocks-public-access")
        ways = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
        assert all(block.inputs[way] is True for way in ways)
        owner = program.one("s3/bucketOwnershipControls:BucketOwnershipControls", f"{bucket}-is-owned-by-account")
        assert owner.inputs["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
        (rule,) = program.one(
            "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", f"{bucket}-encrypts"
        ).inputs["rules"]
        assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}
        rule, *_ = program.one(
            "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", f"{bucket}-lifecycle"
        ).inputs["rules"]
        assert rule["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}
        assert rule["status"] == "Enabled"


def test_the_source_is_versioned_and_the_output_need_not_be(program):
    """An overwritten original can be restored; outputs can be made again."""
    (versioning,) = program.all("s3/bucketVersioning:BucketVersioning")
    assert versioning.name == "source-keeps-versions"
    assert versioning.inputs["versioningConfiguration"] == {"status": "Enabled"}


@pytest.mark.parametrize("force", [True, False])
def test_pictures_are_destroyed_with_the_stack_only_where_that_is_configured(force):
    """`pulumi destroy` keeps buckets that hold something, unless the stack says otherwise."""
    buckets = record(forceDestroy=force).all("s3/bucket:Bucket")
    assert [bucket.inputs["forceDestroy"] for bucket in buckets] == 2 * [force]


def test_queues_and_topics_are_encrypted(program):
    """Both queues by SQS; completion messages by AWS's key; alarms not, because CloudWatch could not send them."""
    assert all(queue.inputs["sqsManagedSseEnabled"] is True for queue in program.all("sqs/queue:Queue"))
    assert program.one("sns/topic:Topic", "completion").inputs["kmsMasterKeyId"] == "alias/aws/sns"
    assert "kmsMasterKeyId" not in program.one("sns/topic:Topic", "alarms").inputs


def test_an_e_mail_address_is_subscribed_when_there_is_one(program):
    """No mail is sent unless an address is configured."""
    assert mails(program) == []
    assert mails(record(alarms={"email": "on-call@example.org"})) == [
        ("arn:images-dev-operators", "on-call@example.org")
    ]


def mails(program):
    """Return topic and address of every subscription by e-mail."""
    every = [each.inputs for each in program.all("sns/topicSubscription:TopicSubscription")]
    return [(inputs["topic"], inputs["endpoint"]) for inputs in every if inputs["protocol"] == "email"]


def widgets(program):
    """Return the dashboard's widgets."""
    (dashboard,) = program.all("cloudwatch/dashboard:Dashboard")
    return json.loads(dashboard.inputs["dashboardBody"])["widgets"]


def test_the_dashboard_asks_four_questions_in_order(program):
    """Are pictures getting through, how long do they wait, what fails and why, what does it cost; on one grid."""
    titles = [w["properties"]["markdown"] for w in widgets(program) if w["type"] == "text"]
    assert titles == [
        "## Are pictures getting through?",
        "## How long do they wait?",
        "## What fails, and why?",
        "## What does it cost?",
    ]
    cells = [
        (x, y)
        for w in widgets(program)
        for x in range(w["x"], w["x"] + w["width"])
        for y in range(w["y"], w["y"] + w["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23


def test_the_dashboard_shows_the_metrics_of_these_resources(program):
    """Every graph is of this stack's queues and function, in its region."""
    graphs = [w["properties"] for w in widgets(program) if w["type"] == "metric"]
    lines = [line for graph in graphs for line in graph["metrics"]]
    names = {line[3] for line in lines if isinstance(line[0], str)}
    assert names == {"images-dev-queue", "images-dev-backfill", "images-dev-dead-letters", "images-dev-worker"}
    assert {graph["region"] for graph in graphs} == {"eu-central-1"}
    (search,) = [line[0]["expression"] for line in lines if "SEARCH" in str(line)]
    assert search == (
        'SEARCH(\'{ImagePipeline,FunctionName,Reason} MetricName="Rejected"'
        " FunctionName=\"images-dev-worker\"', 'Sum', 60)"
    )


def test_the_log_s_questions_are_saved(program):
    """Failures by reason, slowest pictures, one picture's story; on the worker's log alone."""
    queries = program.all("cloudwatch/queryDefinition:QueryDefinition")
    names = {query.inputs["name"] for query in queries}
    assert names == {f"images-dev-worker/{q}" for q in ("failures-by-reason", "slowest-pictures", "story-of-a-picture")}
    assert all(query.inputs["logGroupNames"] == ["images-dev-worker"] for query in queries)
