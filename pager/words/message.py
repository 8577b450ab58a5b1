"""What goes to the topic: readable text for mail, and for all others JSON in the form that Amazon Q Developer shows in chats.

https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pager.change import ALARM
from pager.silence import KIN
from pager.words.causes import told
from pager.words.plain import coded, plain, subject_of
from pager.words.text import body, headline, steps

if TYPE_CHECKING:
    from pager.change import Change
    from pager.story import Story

EVENT_TYPE: Final = "image-pipeline-alarm"
_REASON: Final = 400


@dataclass(frozen=True)
class Message:
    """One message in both forms."""

    subject: str
    text: str
    document: dict[str, Any]

    def publish(self, sns: Any, topic_arn: str) -> None:
        """Publish it: e-mail addresses get the text, every other subscriber the document."""
        by_protocol = {"default": json.dumps(self.document, ensure_ascii=False), "email": self.text}
        sns.publish(TopicArn=topic_arn, Subject=self.subject, MessageStructure="json", Message=json.dumps(by_protocol))


def message_of(story: Story, prefix: str) -> Message:
    """Return the message of a story."""
    change, causes, title = story.change, told(story), plain(headline(story, prefix))
    meaning = ["", change.meaning] if change.state == ALARM else []
    text = [title, "", *body(story, plain), *meaning, *_next(steps(story))]
    return Message(
        subject_of(title),
        "\n".join(text) + "\n",
        _document(
            change,
            prefix,
            title,
            "\n".join([*body(story, coded), *meaning]),
            steps(story),
            {
                "reasons": json.dumps({plain(cause.reason): cause.count for cause in causes}, ensure_ascii=False),
                "firstKeys": json.dumps([plain(key) for cause in causes for key in cause.keys], ensure_ascii=False),
                "alsoOn": json.dumps([alarm.key for alarm in story.others]),
                "deployed": story.deployed.isoformat() if story.deployed else "",
            },
        ),
    )


def plain_message(change: Change, prefix: str, trouble: str) -> Message:
    """Return the alarm as CloudWatch said it, and why there is no more."""
    title = f"{change.state} {prefix} {change.key}"
    said = f"The pager cannot say more: {plain(trouble)}. Its log has the trace."
    steps_ = [step for step in (change.command, change.section) if step]
    description = "\n".join([plain(change.reason, _REASON), "", change.meaning, said])
    return Message(
        subject_of(title),
        "\n".join([title, "", description, *_next(steps_)]) + "\n",
        _document(change, prefix, title, description, steps_, {}),
    )


def _next(steps_: list[str]) -> list[str]:
    return ["", "Next:", *(f"  {step}" for step in steps_)] if steps_ else []


def _document(
    change: Change, prefix: str, title: str, description: str, steps_: list[str], context: dict[str, str]
) -> dict[str, Any]:
    return {
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": title,
            "description": description,
            "nextSteps": [f"`{step}`" for step in steps_],
            "keywords": [prefix, change.key, change.state],
        },
        "metadata": {
            "threadId": f"{prefix}-{min(KIN) if change.key in KIN else change.key}",
            "summary": title,
            "eventType": EVENT_TYPE,
            "relatedResources": [change.name],
            "additionalContext": {
                "alarm": change.key,
                "alarmName": change.name,
                "state": change.state,
                "was": change.was,
                "at": change.at.isoformat(),
                **context,
            },
        },
    }
