"""The notification configuration of one bucket, read and written as bytes, with the bucket's owner in every request."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ops.adoption.document import Document, NoConfigurationError
from ops.stack.aws import translated
from ops.terminal.errors import Denied, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ops.session import Session
    from ops.stack.aws import Clients

EVENTBRIDGE: Final = "eventbridge"
"""How the stack's output `source_events` calls it."""


@dataclass(frozen=True)
class Notifications:
    """Those of `bucket`, which has to be of the account `owner`."""

    clients: Clients
    bucket: str
    owner: str

    def read(self) -> Document:
        """Return the configuration as S3 sends it.

        Raises:
            Refusal: AWS does not show it.
        """
        answers: list[bytes] = []
        s3 = self.clients("s3")
        with (
            self._asked("read"),
            _hooked(s3, "after-call.s3.GetBucketNotificationConfiguration", lambda http: answers.append(http.content)),
        ):
            s3.get_bucket_notification_configuration(Bucket=self.bucket, ExpectedBucketOwner=self.owner)
        document = Document(answers[-1])
        try:
            document.has_flag  # noqa: B018 - looks whether it can be read
        except NoConfigurationError as exc:
            raise Unknown(f"What S3 answered is no notification configuration: {exc}. Nothing was written.") from exc
        return document

    def write(self, document: Document) -> None:
        """Replace the configuration, by one request that is never made twice: meanwhile somebody else may have written.

        Nobody gets a test message, and a destination that is gone stays as it is, since S3 does not look at them.

        Raises:
            Refusal: AWS did not do it, or did not answer.
        """
        s3 = self.clients.once("s3")

        def as_it_is(params: dict[str, Any]) -> None:
            params["body"] = document.raw

        with self._asked("write"), _hooked(s3, "before-call.s3.PutBucketNotificationConfiguration", as_it_is):
            s3.put_bucket_notification_configuration(
                Bucket=self.bucket,
                NotificationConfiguration={},
                SkipDestinationValidation=True,
                ExpectedBucketOwner=self.owner,
            )

    @contextmanager
    def _asked(self, verb: str) -> Iterator[None]:
        try:
            with translated(f"{verb} the notification configuration of {self.bucket}", self.clients.endpoint_url):
                yield
        except Denied as exc:
            raise Denied(
                f"{exc} S3 says the same of a bucket that is not of the stack's account {self.owner}: its events go to"
                " EventBridge of its own account, so the pipeline has to be deployed there (docs/adopt.md)."
            ) from exc


def what_turns_on(session: Session) -> str | None:
    """Return what has the source bucket send its events, where the stack waits for them and none come.

    None where they come, and where nobody may look: that is no reason to fail.

    Raises:
        Refusal: AWS does not say, for another reason.
    """
    stack = session.stack
    if stack.source_events != EVENTBRIDGE:
        return None
    try:
        has_flag = Notifications(session.clients, stack.source_bucket, stack.account).read().has_flag
    except Denied:
        return None
    if has_flag:
        return None
    return session.command("adopt", stack.source_bucket) if stack.source_adopted else session.deploy_commands[0]


@contextmanager
def _hooked(client: Any, event: str, hook: Callable[[Any], None]) -> Iterator[None]:
    """Call `hook` with botocore's answer, or with its request before it is signed, during the block."""

    def called(params: Any = None, http_response: Any = None, **_: Any) -> None:
        hook(http_response if params is None else params)

    client.meta.events.register(event, called)
    try:
        yield
    finally:
        client.meta.events.unregister(event, called)
