"""docs/completion.schema.json is what the worker writes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from worker.contracts.errors import Reject, leaves
from worker.contracts.manifest import READY, REJECTED, VERSION, Manifest, RenditionEntry, SourceEntry
from worker.contracts.notes import NOTES
from worker.contracts.recipes.by_prefix import Recipe
from worker.contracts.recipes.focus import Focus

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "completion.schema.json").read_text())
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
RENDITION = RenditionEntry("web", "web/a.jpg.webp", 32, 24, 9, "image/webp")


def document(manifest: Manifest) -> dict[str, Any]:
    """Return what is written of a manifest."""
    return dict(json.loads(manifest.to_json()))


def ready(version_id: str | None = "v") -> dict[str, Any]:
    """Return the document of a ready picture."""
    source = SourceEntry("pictures", "a.jpg", "e", version_id, 100, "JPEG", 40, 30, str(Focus(3333, 10_000)))
    return document(Manifest.ready(source, Recipe(()), NOON, [RENDITION], NOTES))


def rejected(error: Reject) -> dict[str, Any]:
    """Return the document of a rejected picture."""
    return document(Manifest.rejected(SourceEntry("pictures", "a.jpg", "e", None, 0), Recipe(()), NOON, error))


def validate(message: Any) -> None:
    """Validate as any reader would."""
    Draft202012Validator(SCHEMA).validate(message)


def described(schema: Any, value: Any, path: str = "") -> None:
    """Fail where `value` has a field that the schema does not describe."""
    if isinstance(value, dict):
        for name, part in value.items():
            assert name in schema["properties"], f"{path}/{name} is not described"
            described(schema["properties"][name], part, f"{path}/{name}")
    elif isinstance(value, list):
        for part in value:
            described(schema["items"], part, path)


def test_the_schema_is_a_valid_schema():
    """Its version is that of the documents, in its address too."""
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["version"]["const"] == VERSION
    assert f"/{VERSION}/" in SCHEMA["$id"]
    assert SCHEMA["properties"]["type"]["enum"] == [READY, REJECTED]


@pytest.mark.parametrize("version_id", ["v", None])
def test_a_ready_picture_s_message_is_valid_and_fully_described(version_id):
    """With and without versions in the source bucket."""
    validate(ready(version_id))
    described(SCHEMA, ready(version_id))


@pytest.mark.parametrize("reason", leaves(Reject))
def test_every_rejection_s_message_is_valid_and_fully_described(reason):
    """Whatever the reason."""
    validate(rejected(reason("what to do")))
    described(SCHEMA, rejected(reason("what to do")))


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"type": "image.removed"},
        {"renditions": []},
        {"reason": "too-large", "detail": "x"},
        {"source": {"key": "a.jpg"}},
        {"processed_at": "yesterday"},
        {"recipe": None},
    ],
    ids=str,
)
def test_what_is_no_message_of_a_ready_picture_is_not_valid(change):
    """The schema refuses a document with a wrong, a missing or a contradictory field."""
    with pytest.raises(ValidationError):
        validate({**ready(), **change})


def test_a_field_more_is_no_new_version():
    """Readers of today understand the messages of tomorrow."""
    validate({**ready(), "palette": ["#ffffff"]})
