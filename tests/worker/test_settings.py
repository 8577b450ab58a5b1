from __future__ import annotations

import pytest

from worker.recipe import DEFAULT_RENDITIONS, dump_renditions
from worker.settings import Settings, SettingsError

ENV = {
    "SOURCE_BUCKET": "s",
    "OUTPUT_BUCKET": "o",
    "DEAD_LETTER_QUEUE_URL": "u",
    "COMPLETION_TOPIC_ARN": "t",
    "RENDITIONS": dump_renditions(DEFAULT_RENDITIONS),
    "CACHE_CONTROL": "c",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
}


def test_the_settings_are_what_the_environment_says():
    """Every variable arrives in its field; the memory is in bytes."""
    settings = Settings.from_env(ENV)
    assert settings.renditions == DEFAULT_RENDITIONS
    assert settings.memory_bytes == 512 * 2**20
    assert (settings.source_bucket, settings.output_bucket, settings.cache_control) == ("s", "o", "c")


@pytest.mark.parametrize("name", ENV)
def test_a_missing_variable_is_named(name):
    """A deployment that lacks a variable says which one."""
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({key: value for key, value in ENV.items() if key != name})


@pytest.mark.parametrize("renditions", ["[", "[]", '[{"name": "x"}]'])
def test_wrong_renditions_are_refused(renditions):
    """Renditions that are none stop the worker at its start."""
    with pytest.raises(SettingsError, match="RENDITIONS"):
        Settings.from_env({**ENV, "RENDITIONS": renditions})
