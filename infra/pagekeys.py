"""The upload page's configuration keys. It is off by default, and never on for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra.api import ApiArgs, Tokens
from infra.distribution import DistributionArgs, Domain
from infra.page import PageArgs
from infra.uploader import UploaderArgs
from uploader.names import PREFIX

if TYPE_CHECKING:
    from infra.buckets import SourceBucketArgs
    from infra.values import Values
    from infra.worker import WorkerArgs

_HTTPS: Final = r"https://[A-Za-z0-9.-]+(:\d+)?(/[\x21\x23-\x7e]*)?"
_CERTIFICATE: Final = r"arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate/[0-9a-f-]+"
_CODE: Final = r"[\x21-\x7e]{16,128}"
_MEGABYTE: Final = 1024 * 1024


def read_page(values: Values, prefix: str, worker: WorkerArgs, source: SourceBucketArgs) -> PageArgs | None:
    """Read every key, and return what the page is told where `web` is true."""
    on = values.flag("web")
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
            firewall=values.flag("webFirewall"),
            requests_per_ip=values.integer("webFirewallRequests", 10, 2_000_000_000),
        ),
        sign_in_url=_url(values, "webSignInUrl", "https://auth.example.org/login"),
    )
    if not on:
        return None
    _check_access(values, args)
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


def _check_access(values: Values, args: PageArgs) -> None:
    """Refuse a page for everybody, and one with two ways in of which one would be forgotten."""
    code, tokens = args.uploader.access_code, args.api.tokens
    half = values.source.get("webJwtIssuer") or values.source.get("webJwtAudience")
    if not code and not half:  # Half of a pair has its own problem already.
        way = (
            "a value while web is true, unless webJwtIssuer and webJwtAudience are set: nobody may upload without a key"
        )
        values.refuse_secret("webAccessCode", way)
    if code and tokens:
        values.refuse("webJwtIssuer", "nothing while webAccessCode is set: there is one way in", None)
    if args.sign_in_url and not tokens:
        values.refuse("webSignInUrl", "nothing without webJwtIssuer: an access code is typed", None)


def _check_every_upload_is_announced(values: Values, source: SourceBucketArgs) -> None:
    """Refuse what would leave pictures of the page waiting for ever."""
    if not PREFIX.startswith(source.key_prefix):
        values.refuse(
            "sourcePrefix", f"a start of {PREFIX}, or nothing, while web is true: the page uploads there", None
        )
    if source.key_suffixes:
        values.refuse("sourceSuffixes", "nothing while web is true: the page uploads pictures of every ending", None)


def _url(values: Values, key: str, example: str) -> str:
    return values.text(key, f"({_HTTPS})?", "an https:// address, or nothing", example)
