"""The needs of one configuration as policies, each no longer than IAM takes it."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from infra.config.deployer.pipeline import ADOPTED_CALLS, ALWAYS, CALLS, KEY_CALLS, RULE, SOURCE
from infra.config.deployer.web import CLOUDFRONT, DELIVERY, FIREWALL, PAGE, TOKENS
from infra.storage.adopted_bucket import AdoptedBucketArgs
from infra.storage.source_bucket import SourceBucketArgs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from infra.config.deployer.need import Need, Rows
    from infra.config.stack_config import StackConfig
    from infra.pipeline import PipelineArgs

LONGEST: Final = 6144
"""Characters of a managed policy, white space not counted (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)."""


def rows_of(pipeline: PipelineArgs) -> Rows:
    """Return the row of every type of resource that the pipeline has."""
    page, delivers = pipeline.page, pipeline.delivery is not None
    groups = (
        (ALWAYS, True),
        (SOURCE, isinstance(pipeline.source, SourceBucketArgs)),
        (RULE, pipeline.auditor or pipeline.events),
        (CLOUDFRONT, page or delivers),
        (DELIVERY, delivers),
        (PAGE, page),
        (TOKENS, page and page.api.tokens),
        (FIREWALL, page and page.distribution.requests_per_ip),
    )
    return {type_: needs for rows, is_there in groups if is_there for type_, needs in rows.items()}


def policies(config: StackConfig, account: str = "*") -> list[str]:
    """Return the policies that whoever deploys the stack needs together, as JSON without white space.

    Args:
        config: The stack's.
        account: The number of the account; `*` for the one that the policies are in.
    """
    pipeline = config.pipeline
    names = {"prefix": pipeline.prefix, "region": config.account.region, "account": account}
    needs = chain(*rows_of(pipeline).values(), *CALLS.values(), *_calls_of(pipeline))
    return [_document(part) for part in _parts(_statements(needs, names))]


def _calls_of(pipeline: PipelineArgs) -> Iterator[Sequence[Need]]:
    """Yield what the provider's functions need about a bucket that exists and about keys."""
    if isinstance(pipeline.source, AdoptedBucketArgs):
        yield from (_filled(needs, adopted=str(pipeline.source.bucket)) for needs in ADOPTED_CALLS.values())
    for key in {each.arn for each in pipeline.keys if each.arn}:
        yield from (_filled(needs, key=key) for needs in KEY_CALLS.values())


def _filled(needs: Iterable[Need], **names: str) -> list[Need]:
    return [replace(need, resource=need.resource.format_map(names)) for need in needs]


def _statements(needs: Iterable[Need], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return one statement for each resource and condition, in the order of the services."""
    actions: dict[tuple[str, tuple[str, str, str] | None], set[str]] = {}
    for need in needs:
        actions.setdefault((need.resource, need.condition), set()).update(need.actions)
    statements = []
    for (resource, condition), found in sorted(actions.items(), key=lambda entry: sorted(entry[1])):
        statement: dict[str, Any] = {
            "Effect": "Allow",
            "Action": sorted(found),
            "Resource": resource.format_map(names),
        }
        if condition:
            operator, key, value = condition
            statement["Condition"] = {operator: {key: value.format_map(names)}}
        statements.append(statement)
    return statements


def _parts(statements: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return the statements in as many parts as it takes."""
    parts: list[list[dict[str, Any]]] = [[]]
    for statement in statements:
        if len(_document([*parts[-1], statement])) > LONGEST:
            parts.append([])
        parts[-1].append(statement)
    return parts


def _document(statements: Iterable[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, separators=(",", ":"))
