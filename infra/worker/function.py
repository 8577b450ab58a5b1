"""The worker: a Lambda function with its role, its log and its queue."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import pulumi
import pulumi_aws as aws

from infra.access.policies import Allow, grant
from infra.worker.bundle import build_bundle
from infra.worker.logged_function import LoggedFunction
from infra.worker.outgoing import value_of, warn_of_outgoing
from worker.contracts.function.settings import RECIPE, Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.delivery.delivery import Delivery
    from infra.messaging.queues import DeadLetterQueue, Queue
    from infra.messaging.topics import CompletionTopic
    from infra.storage.output_bucket import OutputBucket
    from infra.storage.source import Source
    from infra.worker.wheels import Target
    from worker.contracts.recipes.by_prefix import Recipes

HANDLER: Final = "worker.handler.handle"


@dataclass(frozen=True)
class WorkerArgs:
    """What the worker needs to know.

    Attributes:
        prefix: Of the resources' names.
        target: What its bundle is built for.
        memory: MB.
        timeout: Seconds.
        log_retention: Days.
        batch_size: Messages at most at once.
        max_concurrency: Batches of the queue at most at the same time.
        backfill_concurrency: Batches of the backfill queue at most at the same time.
        recipes: What to make of which picture; the generation is not known yet.
        cache_control: Header of every rendition.
    """

    prefix: str
    target: Target
    memory: int
    timeout: int
    log_retention: int
    batch_size: int
    max_concurrency: int
    backfill_concurrency: int
    recipes: Recipes
    cache_control: str

    @property
    def batch_window(self) -> int:
        """Seconds that Lambda waits for a full batch; batches of more than 10 take at least one.

        https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
        """
        return 1 if self.batch_size > 1 else 0


class Worker(LoggedFunction):
    """Reconciles the keys that the queue's messages name.

    Attributes:
        code: Its package, with the recipes.
        suffix: What Pulumi adds to the names of this stack, at random: no other stack of the account has it.
    """

    def __init__(
        self,
        name: str,
        args: WorkerArgs,
        source: Source,
        output: OutputBucket,
        queue: Queue,
        backfill: Queue,
        dead_letters: DeadLetterQueue,
        completion: CompletionTopic,
        delivery: Delivery | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("worker:Worker", name, args.prefix, args.log_retention, opts)
        self._args = args
        self._outputs = output.name
        self.timeout, self.memory = args.timeout, args.memory
        self.code = self._generation(f"{self._full_name}-recipes").apply(self._code)
        variables = {
            # Exactly `worker.contracts.function.settings.Settings.VARIABLES`, those of the process, and the optional ones that apply.
            **Settings.PROCESS_VARIABLES,
            **completion.environment,
            **source.environment,
            **(delivery.environment if delivery else {}),
            "SOURCE_BUCKET": source.name,
            "OUTPUT_BUCKET": output.name,
            "CACHE_CONTROL": args.cache_control,
            **_of_queues(queue, backfill, dead_letters),
        }
        self._run(
            HANDLER,
            self.code,
            args.target,
            variables,
            [self._grant_traces()],
            description="Reconciles the renditions of pictures with the source bucket.",
            memory_size=args.memory,
            timeout=args.timeout,
            tracing_config={"mode": "Active"},
        )
        self.suffix = self.name.apply(lambda text: text.rpartition("-")[2])

    def consume(self, queue: Queue, at_most: int, *, after: Sequence[pulumi.Resource]) -> None:
        """Have `queue` delivered, `at_most` batches at a time. Lambda checks the role at once: `after` are its grants."""
        aws.lambda_.EventSourceMapping(
            self.named(f"{queue.label}-invokes-worker"),
            event_source_arn=queue.arn,
            function_name=self.function.arn,
            function_response_types=["ReportBatchItemFailures"],
            batch_size=self._args.batch_size,
            maximum_batching_window_in_seconds=self._args.batch_window,
            scaling_config={"maximum_concurrency": at_most},
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )

    def _generation(self, name: str) -> pulumi.Output[int]:
        """Return the number of the recipes, which grows whenever they change: a parameter's version does, and AWS counts it.

        https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html
        """
        parameter = aws.ssm.Parameter(
            name,
            type="String",
            value=value_of(self._args.recipes),
            description="Changes with the recipes. Its version is their generation: do not delete it.",
            opts=pulumi.ResourceOptions(parent=self, hooks=warn_of_outgoing(name, self._outputs, self)),
        )
        return parameter.version

    def _code(self, generation: int) -> pulumi.Archive:
        recipes = replace(self._args.recipes, generation=int(generation))
        return pulumi.FileArchive(str(build_bundle(self._args.target, texts={RECIPE: recipes.to_json()})))

    def _grant_traces(self) -> aws.iam.RolePolicy:
        """Let the worker send traces; X-Ray has no resource-level permissions.

        https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
        """
        actions = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
        return grant("worker-sends-traces", self.role, Allow(actions, "*"), parent=self)


def _of_queues(queue: Queue, backfill: Queue, dead_letters: DeadLetterQueue) -> dict[str, pulumi.Input[str]]:
    """Return what the worker has to know of them, as environment variables."""
    return {
        "QUEUE_URL": queue.url,
        "BACKFILL_QUEUE_URL": backfill.url,
        "QUEUE_RETENTION": str(queue.retention),
        "MAX_RECEIVE_COUNT": str(queue.max_receive_count),
        "DEAD_LETTER_QUEUE_URL": dead_letters.url,
    }
