"""The upload page's configuration keys. There is a page where there is a way in: an access code, or tokens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra.access.policies import Allow, size_of
from infra.config.keys.domain import read_domain
from infra.config.problems import Change
from infra.page.api import ApiArgs, Tokens
from infra.page.distribution import DistributionArgs
from infra.page.upload_page import PageArgs
from infra.page.uploader import UploaderArgs
from infra.storage.output_bucket import arn_for_size, linked
from uploader.names import PREFIX
from worker.contracts.function.memory import largest_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.config.place import Place
    from infra.delivery.certificate import Domain
    from infra.worker.function import WorkerArgs
    from worker.contracts.recipes.by_prefix import Recipes

_HTTPS: Final = r"https://[A-Za-z0-9.-]+(:\d+)?(/[\x21\x23-\x7e]*)?"
_CODE: Final = r"[\x21-\x7e]{16,128}"
_LEAST_LIMIT: Final = 10
"""https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html"""
_MEGABYTE: Final = 1024 * 1024
_MOST_LINKS: Final = 8_000
"""Characters; all inline policies of a role have 10,240: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""


def read_page(config: Place, prefix: str, worker: WorkerArgs) -> PageArgs | None:
    """Read every key, and return the arguments of the page where there is one."""
    page = config.at("page")
    code, tokens = _read_code(page.at("access").at("code")), _read_tokens(page.at("access").at("jwt"))
    args = PageArgs(
        uploader=UploaderArgs(
            prefix=prefix,
            target=worker.target,
            log_retention=worker.log_retention,
            access_code=code,
            max_bytes=_read_most(page.at("maxMegabytes"), worker.memory) * _MEGABYTE,
            renditions=worker.recipes.names,
            concurrency=page.at("reservedConcurrency").integer(0, 1000),
        ),
        api=ApiArgs(prefix, page.at("uploadsPerSecond").integer(1, 1000), tokens, worker.log_retention),
        distribution=DistributionArgs(
            prefix=prefix,
            domain=(domain := read_domain(page)),
            hsts_subdomains=_read_subdomains(page.at("hstsSubdomains"), domain),
            requests_per_ip=_read_requests(page.at("firewallRequests")),
        ),
        sign_in_url=_read_sign_in_url(page.at("access").at("jwt").at("signInUrl")),
        crops=any(spec.fit == "cover" for spec in worker.recipes.of(PREFIX).specs),
    )
    if not code and not tokens:
        _check_nothing_waits_for_a_page(page, args)
        return None
    if code and tokens:
        page.at("access").at("code").refuse_for(
            "is set beside page.access.jwt; there is one way in", Change((*page.path, "access", "jwt"))
        )
    _check_links_fit(config.at("renditions"), prefix, worker.recipes.names)
    _check_every_upload_is_announced(config.at("source"))
    _check_no_upload_is_ignored(config.at("recipes"), worker.recipes)
    return args


def _read_most(place: Place, memory: int) -> int:
    """Return the megabytes of the largest upload: what the worker can read, or each that is larger would be rejected."""
    megabytes = place.integer(1, 5000)
    most = largest_file(memory * _MEGABYTE) // _MEGABYTE
    if megabytes > most:
        place.refuse(f"{most} at most, all that a worker of {memory} MB reads; or raise worker.memory", most)
    return megabytes


def _read_code(place: Place) -> str:
    if not place.text:
        return ""
    if not re.fullmatch(_CODE, place.text):
        place.refuse_secret("16 to 128 characters without spaces, such as a password generator makes")
    elif not place.is_encrypted:
        place.refuse_for("is not encrypted, and stands in the file: take another one", Change(place.path, secret=True))
    return place.text


def _read_tokens(place: Place) -> Tokens | None:
    issuer, audience = place.at("issuer"), place.at("audience")
    if not issuer.text and not audience.text:
        return None
    return Tokens(
        issuer.matching(_HTTPS, "an https:// address beside page.access.jwt.audience", _https(issuer.text)),
        audience.matching(
            r"[\x21-\x7e]{1,255}", "1 to 255 characters without spaces beside page.access.jwt.issuer", "upload-page"
        ),
    )


def _read_subdomains(place: Place, domain: Domain | None) -> bool:
    subdomains = place.flag()
    if subdomains and domain is None:
        place.refuse("false without page.domain: CloudFront's host has no subdomains of yours", nearest=False)
    return subdomains


def _read_requests(place: Place) -> int:
    requests = place.integer(0, 2_000_000_000)
    if 0 < requests < _LEAST_LIMIT:
        place.refuse(f"at least {_LEAST_LIMIT}, or 0 for no firewall", _LEAST_LIMIT)
    return requests


def _check_nothing_waits_for_a_page(page: Place, args: PageArgs) -> None:
    """Refuse what somebody set for a page, where there is none."""
    for place, value in (
        (page.at("access").at("jwt").at("signInUrl"), args.sign_in_url),
        (page.at("domain"), args.distribution.domain),
    ):
        if value:
            place.refuse_for(
                "is set, but there is no page: that takes page.access.code, or page.access.jwt",
                Change((*page.path, "access", "code"), secret=True),
            )


def _check_links_fit(place: Place, prefix: str, renditions: Sequence[str]) -> None:
    arn = arn_for_size(prefix)
    size = size_of(Allow(["s3:GetObject"], [f"{arn}{each}" for each in linked(renditions)]))
    if size > _MOST_LINKS:
        place.refuse_for(
            f"and recipes have {len(renditions)} names, too many for an upload page: the policy of its function would have"
            f" {size:,} characters of {_MOST_LINKS:,}; leave some out, or give them shorter names"
        )


def _check_every_upload_is_announced(source: Place) -> None:
    """Refuse a notification filter that leaves out uploads of the page: they would never be rendered."""
    if not PREFIX.startswith(source.at("prefix").text):
        source.at("prefix").refuse(f"a start of {PREFIX}, or nothing, beside a page: it uploads there", PREFIX)
    if source.at("suffixes").value:
        source.at("suffixes").refuse("nothing beside a page: it uploads pictures of every ending")


def _read_sign_in_url(place: Place) -> str:
    return place.matching(f"({_HTTPS})?", "an https:// address, or nothing", _https(place.text))


def _https(text: str) -> str:
    """Return the same address by HTTPS, or an example."""
    nearest = "https://" + text.partition("://")[2] if "://" in text else f"https://{text}"
    return nearest if re.fullmatch(_HTTPS, nearest) else "https://issuer.example.org"


def _check_no_upload_is_ignored(place: Place, recipes: Recipes) -> None:
    folder = recipes.prefix_of(PREFIX)
    if folder is not None and recipes.of(PREFIX).is_ignored:
        entry = place.at(folder)
        entry.refuse_for("is false, but the page uploads there", Change(entry.path))
