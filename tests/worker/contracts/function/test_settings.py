from __future__ import annotations

import pytest

from worker.contracts.function.settings import Settings, SettingsError
from worker.contracts.recipes.by_prefix import one_recipe
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS

ENV = {
    "SOURCE_BUCKET": "s",
    "OUTPUT_BUCKET": "o",
    "QUEUE_URL": "q",
    "BACKFILL_QUEUE_URL": "https://sqs/backfill",
    "QUEUE_RETENTION": "345600",
    "MAX_RECEIVE_COUNT": "5",
    "DEAD_LETTER_QUEUE_URL": "u",
    "COMPLETION_TOPIC_ARN": "t",
    "CACHE_CONTROL": "c",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
    "AWS_LAMBDA_FUNCTION_NAME": "worker",
}
RECIPE = one_recipe(DEFAULT_RENDITIONS).to_json()


def test_the_settings_are_what_the_environment_says():
    """Every variable arrives in its field; the memory is in bytes."""
    settings = Settings.from_env(ENV, RECIPE)
    assert settings.recipes == one_recipe(DEFAULT_RENDITIONS)
    assert settings.memory_bytes == 512 * 2**20
    assert (settings.queue_url, settings.queue_retention, settings.max_receive_count) == ("q", 345_600, 5)
    assert (settings.source_bucket, settings.output_bucket, settings.cache_control) == ("s", "o", "c")


def test_a_worker_may_have_no_topic():
    """Where there is no topic, the variable is missing, and that is no mistake."""
    assert Settings.from_env(ENV, RECIPE).completion_topic_arn == "t"
    assert Settings.from_env({**ENV, "COMPLETION_TOPIC_ARN": ""}, RECIPE).completion_topic_arn is None
    without = {name: value for name, value in ENV.items() if name not in Settings.OPTIONAL_VARIABLES}
    assert Settings.from_env(without, RECIPE).completion_topic_arn is None


def test_a_worker_may_deliver_nothing():
    """Then manifests have no addresses."""
    assert Settings.from_env(ENV, RECIPE).delivery_origin == ""
    assert (
        Settings.from_env({**ENV, "DELIVERY_ORIGIN": "https://a.example"}, RECIPE).delivery_origin
        == "https://a.example"
    )


@pytest.mark.parametrize(("value", "archives"), [({}, False), ({"ARCHIVES": "true"}, True)])
def test_originals_are_marked_only_where_that_is_set(value, archives):
    """Tagging costs requests; where nothing is archived, nothing is tagged."""
    assert Settings.from_env({**ENV, **value}, RECIPE).archives is archives


@pytest.mark.parametrize("name", [name for name in ENV if name not in Settings.OPTIONAL_VARIABLES])
def test_a_missing_variable_is_named(name):
    """A deployment that lacks a variable says which one."""
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({key: value for key, value in ENV.items() if key != name}, RECIPE)


@pytest.mark.parametrize(
    "renditions", ["[", "[]", "{}", '{"generation": 1, "suffixes": [], "recipes": {"": [{"name": "x"}]}}']
)
def test_wrong_renditions_are_refused(renditions):
    """Renditions that are none stop the worker at its start."""
    with pytest.raises(SettingsError, match=r"worker/recipe\.json"):
        Settings.from_env(ENV, renditions)


@pytest.mark.parametrize("name", ["QUEUE_RETENTION", "MAX_RECEIVE_COUNT", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"])
def test_what_is_no_number_is_refused_by_name(name):
    """A number that is none stops the worker at its start, and says which."""
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({**ENV, name: "many"}, RECIPE)


def test_messages_are_postponed_in_the_queue_that_they_came_from():
    """A backfill's receipt handle is worth nothing in the other queue; what names no queue is S3's."""
    url = "https://sqs.eu-west-1.amazonaws.com/1"
    env = {**ENV, "QUEUE_URL": f"{url}/queue", "BACKFILL_QUEUE_URL": f"{url}/images-backfill"}
    settings = Settings.from_env(env, RECIPE)
    assert settings.queue_url_of("arn:aws:sqs:eu-west-1:1:images-backfill") == f"{url}/images-backfill"
    assert settings.queue_url_of("arn:aws:sqs:eu-west-1:1:queue") == f"{url}/queue"
    assert settings.queue_url_of("") == f"{url}/queue"
