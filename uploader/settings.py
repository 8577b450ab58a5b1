"""The uploader's settings: the only reader of the environment.

`infra/page/uploader.py` sets exactly `Settings.VARIABLES`; a test asserts that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping


class SettingsError(Exception):
    """The environment is not what the Pulumi program sets; names the variable."""


@dataclass(frozen=True)
class Settings:
    """What one deployment of the uploader works on.

    Attributes:
        source_bucket: Name of the bucket that pictures are uploaded to.
        output_bucket: Name of the bucket that manifests and renditions are in.
        access: `jwt` where API Gateway checks a token, else the access code's hash (`uploader/access.py`).
        origin: The hash of the key that the page's distribution sends (`uploader/visitor.py`).
        max_bytes: Of one picture.
        upload_seconds: Life of a presigned upload.
        link_seconds: Life of a link to a rendition.
    """

    VARIABLES: ClassVar[tuple[str, ...]] = (
        "SOURCE_BUCKET",
        "OUTPUT_BUCKET",
        "ACCESS",
        "ORIGIN",
        "MAX_BYTES",
        "UPLOAD_SECONDS",
        "LINK_SECONDS",
    )

    source_bucket: str
    output_bucket: str
    access: str
    origin: str
    max_bytes: int
    upload_seconds: int
    link_seconds: int

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read the settings from `env`.

        Raises:
            SettingsError: A variable is missing or empty, or no number where it takes one.
        """
        missing = [name for name in cls.VARIABLES if not env.get(name)]
        if missing:
            raise SettingsError(f"environment variable {missing[0]} is missing; the Pulumi program sets it")
        return cls(
            source_bucket=env["SOURCE_BUCKET"],
            output_bucket=env["OUTPUT_BUCKET"],
            access=env["ACCESS"],
            origin=env["ORIGIN"],
            max_bytes=_number(env, "MAX_BYTES"),
            upload_seconds=_number(env, "UPLOAD_SECONDS"),
            link_seconds=_number(env, "LINK_SECONDS"),
        )


def _number(env: Mapping[str, str], name: str) -> int:
    if not env[name].isdecimal():
        raise SettingsError(f"environment variable {name} is {env[name]!r}; it takes a whole number")
    return int(env[name])
