"""The upload page's configuration keys. There is a page where there is a way in: by an access code or by tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra.page.api import ApiArgs, Tokens
from infra.page.distribution import DistributionArgs, Domain
from infra.page.upload_page import PageArgs
from infra.page.uploader import UploaderArgs
from uploader.names import PREFIX

if TYPE_CHECKING:
    from infra.storage.source_bucket import SourceBucketArgs
    from infra.values import Values
    from infra.worker.function import WorkerArgs

_HTTPS: Final = r"https://[A-Za-z0-9.-]+(:\d+)?(/[\x21\x23-\x7e]*)?"
_CERTIFICATE: Final = r"arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate/[0-9a-f-]+"
_CODE: Final = r"[\x21-\x7e]{16,128}"
_LEAST_LIMIT: Final = 10
"""https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html"""
_MEGABYTE: Final = 1024 * 1024


def read_page(values: Values, prefix: str, worker: WorkerArgs, source: SourceBucketArgs) -> PageArgs | None:
    """Read every key, and return the arguments of the page where there is one."""
    code = values.secret(
        "webAccessCode", _CODE, "16 to 128 characters without spaces, such as a password generator makes"
    )
    tokens = _read_tokens(values)
    args = PageArgs(
        uploader=UploaderArgs(
            prefix=prefix,
            target=worker.target,
            log_retention=worker.log_retention,
            access_code=code,
            max_bytes=values.integer("webMaxMegabytes", 1, 5000) * _MEGABYTE,
            renditions=tuple(spec.name for spec in worker.renditions),
        ),
        api=ApiArgs(prefix, values.integer("webUploadsPerSecond", 1, 1000), tokens),
        distribution=DistributionArgs(
            prefix=prefix,
            domain=_read_domain(values),
            requests_per_ip=_read_requests_per_ip(values),
        ),
        sign_in_url=_url(values, "webSignInUrl", "https://auth.example.org/login"),
    )
    _check_access(values, args)
    if not _has_a_way_in(values):
        return None
    _check_every_upload_is_announced(values, source)
    return args


def _read_tokens(values: Values) -> Tokens | None:
    issuer = _url(values, "webJwtIssuer", "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_example")
    audience = values.text(
        "webJwtAudience", r"[\x21-\x7e]{0,255}", "up to 255 characters without spaces", "upload-page"
    )
    if bool(issuer) != bool(audience):
        missing, other = ("webJwtAudience", "webJwtIssuer") if issuer else ("webJwtIssuer", "webJwtAudience")
        example = "upload-page" if issuer else "https://issuer.example.org"
        values.refuse(missing, f"a value beside {other}: a token is checked for both", example)
    return Tokens(issuer, audience) if issuer and audience else None


def _read_domain(values: Values) -> Domain | None:
    name = values.text("webDomain", r"([a-z0-9-]+(\.[a-z0-9-]+)+)?", "a host name, or nothing", "pictures.example.org")
    certificate = values.text(
        "webCertificateArn",
        f"({_CERTIFICATE})?",
        "the ARN of a certificate in us-east-1, where CloudFront looks for it, or nothing",
        "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef",
    )
    if bool(name) != bool(certificate):
        values.refuse("webDomain", "nothing without webCertificateArn, and a host name with it", None)
    return Domain(name, certificate) if name and certificate else None


def _read_requests_per_ip(values: Values) -> int:
    requests = values.integer("webFirewallRequests", 0, 2_000_000_000)
    if 0 < requests < _LEAST_LIMIT:
        values.refuse("webFirewallRequests", f"at least {_LEAST_LIMIT}, or 0 for no firewall", "2000")
    return requests


def _has_a_way_in(values: Values) -> bool:
    return bool(values.source.get("webAccessCode") or values.source.get("webJwtIssuer"))


def _check_access(values: Values, args: PageArgs) -> None:
    """Refuse two ways in, of which one would be forgotten, and what takes a way in that is not there."""
    code, tokens = args.uploader.access_code, args.api.tokens
    if code and tokens:
        values.refuse("webJwtIssuer", "nothing while webAccessCode is set: there is one way in", None)
    if args.sign_in_url and not tokens:
        values.refuse("webSignInUrl", "nothing without webJwtIssuer: an access code is typed", None)
    if args.distribution.domain and not _has_a_way_in(values):
        values.refuse("webDomain", "nothing without webAccessCode or webJwtIssuer: there is no page to name", None)


def _check_every_upload_is_announced(values: Values, source: SourceBucketArgs) -> None:
    """Refuse a notification filter that leaves out uploads of the page: they would never be rendered."""
    if not PREFIX.startswith(source.key_prefix):
        values.refuse("sourcePrefix", f"a start of {PREFIX}, or nothing, beside a page: it uploads there", None)
    if source.key_suffixes:
        values.refuse("sourceSuffixes", "nothing beside a page: it uploads pictures of every ending", None)


def _url(values: Values, key: str, example: str) -> str:
    return values.text(key, f"({_HTTPS})?", "an https:// address, or nothing", example)
