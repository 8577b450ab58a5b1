"""The pager: a small function between the alarms and the people, and the topic that people subscribe to.

    alarms ── alarm topic ── pager ── operators' topic ── e-mail, https, chats
                               └─ fails, is throttled: Lambda sends the alarm itself ─┘

Where even that fails, the alarm `pager-failed` notifies the operators' topic without the pager.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
import pulumi_aws as aws

from infra.access.policies import Allow, grant
from infra.messaging.operator_topic import OperatorTopic
from infra.worker.bundle import PAGER, build_bundle
from infra.worker.logged_function import LoggedFunction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.access.kms_key import KmsKey
    from infra.messaging.topics import AlarmTopic
    from infra.storage.output_bucket import OutputBucket
    from infra.worker.function import Worker
    from infra.worker.wheels import Target

HANDLER: Final = "pager.handler.handle"
MEMORY: Final = 256
TIMEOUT: Final = 30
OLDEST: Final = 60
"""Seconds that a change waits for a throttled pager, the least that Lambda takes; then the alarm itself is sent."""
_NEWS: Final = {"$or": [{"NewStateValue": ["ALARM"]}, {"OldStateValue": ["ALARM"]}]}
"""Not the first OK of a new alarm (https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html)."""


@dataclass(frozen=True)
class PagerArgs:
    """What the pager needs to know.

    Attributes:
        prefix: Of the resources' names, the alarms' among them.
        target: What its bundle is built for.
        log_retention: Days.
        emails: Addresses that are subscribed to the operators' topic; each must confirm.
        kms_key: Of the topics; without an ARN, there is none.
    """

    prefix: str
    target: Target
    log_retention: int
    emails: tuple[str, ...]
    kms_key: KmsKey


class Pager(LoggedFunction):
    """Tells people of alarms, with what metrics and logs know.

    Attributes:
        operators: The topic that people subscribe to.
        alarm_topic: The one that it listens to.
    """

    def __init__(
        self,
        name: str,
        args: PagerArgs,
        topic: AlarmTopic,
        worker: Worker,
        output: OutputBucket,
        others: Mapping[str, LoggedFunction],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("watch:Pager", name, args.prefix, args.log_retention, opts)
        self.alarm_topic, self.operators = (
            topic,
            OperatorTopic("operators", args.prefix, args.emails, self.role, args.kms_key, self._within),
        )
        writers = {"worker": worker, **others}
        granted = [
            self._grant_look(worker, [writer.log.arn for writer in writers.values()]),
            output.grant_list_rejects_to(self.role),
            grant(
                "pager-tells-operators",
                self.role,
                Allow(["sns:Publish"], self.operators.arn),
                *args.kms_key.send,
                parent=self,
            ),
        ]
        self._run(
            HANDLER,
            pulumi.FileArchive(str(build_bundle(args.target, PAGER))),
            args.target,
            {
                # Exactly `pager.settings.Settings.VARIABLES`.
                "OPERATORS_TOPIC_ARN": self.operators.arn,
                "PREFIX": args.prefix,
                "WORKER_FUNCTION": worker.name,
                "OUTPUT_BUCKET": output.name,
                "OPS": self.ops,
                "LOGS": pulumi.Output.json_dumps({name: writer.log.name for name, writer in writers.items()}),
            },
            granted,
            description="Tells people of alarms, with what metrics and logs know.",
            memory_size=MEMORY,
            timeout=TIMEOUT,
        )
        self._listen(granted)

    def _grant_look(self, worker: Worker, logs: list[pulumi.Output[str]]) -> aws.iam.RolePolicy:
        """Let the pager read what there is to say: the metrics and alarms of CloudWatch have no resource-level permissions for that.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html; composite alarms are shown
        only to whom may describe all (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html).
        """
        return grant(
            "pager-looks",
            self.role,
            Allow(["cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory", "cloudwatch:GetMetricData"], "*"),
            Allow(["logs:FilterLogEvents"], [pulumi.Output.concat(log, ":*") for log in logs]),
            Allow(["lambda:GetFunctionConfiguration"], worker.arn),
            parent=self,
        )

    def _listen(self, granted: list[aws.iam.RolePolicy]) -> None:
        """Subscribe the function. Whatever it does not tell, Lambda sends to the operators as it was.

        A function that has no concurrency at all fails at once; one whose code fails is not run again, since the alarm must not wait
        for that (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html).
        """
        plain_instead = aws.lambda_.FunctionEventInvokeConfig(
            self.named("pager-or-plain-alarm"),
            function_name=self.name,
            maximum_retry_attempts=0,
            maximum_event_age_in_seconds=OLDEST,
            destination_config={"on_failure": {"destination": self.operators.arn}},
            opts=pulumi.ResourceOptions(parent=self, depends_on=granted),
        )
        permission = aws.lambda_.Permission(
            self.named("alarms-invoke-pager"),
            action="lambda:InvokeFunction",
            function=self.name,
            principal="sns.amazonaws.com",
            source_arn=self.alarm_topic.arn,
            opts=self._within,
        )
        aws.sns.TopicSubscription(
            self.named("alarms-tell-pager"),
            topic=self.alarm_topic.arn,
            protocol="lambda",
            endpoint=self.arn,
            filter_policy=json.dumps(_NEWS),
            filter_policy_scope="MessageBody",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission, plain_instead]),
        )
