"""Saved queries on the logs of the worker, the auditor and the upload page, for CloudWatch Logs Insights: questions that operators ask, ready to run.

They are free until they run; a run costs $0.005 a GB that it scans.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pulumi
import pulumi_aws as aws

from infra.part import Part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.page.upload_page import UploadPage
    from infra.worker.auditor import Auditor
    from infra.worker.function import Worker

FAILURES_BY_REASON: Final = """
filter event in ["message.reject", "message.retry"]
| stats count(*) as messages by event, reason
| sort messages desc
"""
SLOWEST_PICTURES: Final = """
filter event = "message.done" and Ready = 1
| fields @timestamp, keys.0, RenderTime, milliseconds, BytesIn, TimeToReady
| sort RenderTime desc
| limit 20
"""
STORY_OF_A_PICTURE: Final = """
fields @timestamp, event, versions.0, reason, detail, attempt, redrives, milliseconds, message_id, request_id
| filter keys.0 = "PUT-THE-KEY-HERE"
| sort @timestamp asc
"""
QUERIES: Final[Mapping[str, str]] = {
    "failures-by-reason": FAILURES_BY_REASON,
    "slowest-pictures": SLOWEST_PICTURES,
    "story-of-a-picture": STORY_OF_A_PICTURE,
}
"""The worker's, by name; lists are flattened by Insights, so that the first key of a message is `keys.0`."""
AUDITS: Final = """
filter event = "audit.done"
| fields @timestamp, run, seconds, looks, Audited, Wounds, WoundsAgain, pictures.missing, pictures.outdated
| sort @timestamp desc
"""
PAGE_REFUSALS: Final = """
filter event in ["request.refused", "request.failed"]
| stats count(*) as answers by event, status, code, visitor, source_ip
| sort answers desc
"""
PAGE_ANSWERS: Final = """
stats count(*) as answers by status, route, error, integration, ip
| sort answers desc
"""


class Queries(Part):
    """The saved queries of one stack's logs, in a folder of its own."""

    def __init__(
        self,
        name: str,
        prefix: str,
        worker: Worker,
        page: UploadPage | None,
        auditor: Auditor | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("watch:Queries", name, opts)
        queries = [(title, text, worker.log) for title, text in QUERIES.items()]
        if auditor:
            queries.append(("audits", AUDITS, auditor.log))
        if page:
            queries += [
                ("page-refusals", PAGE_REFUSALS, page.uploader.log),
                ("page-answers", PAGE_ANSWERS, page.access_log),
            ]
        for title, text, log in queries:
            aws.cloudwatch.QueryDefinition(
                f"{prefix}-{title}",
                name=pulumi.Output.concat(prefix, "-", worker.suffix, "/", title),
                log_group_names=[log.name],
                query_string=text.strip(),
                opts=self._within,
            )
        self.register_outputs({})
