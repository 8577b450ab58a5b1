"""The stack's configuration as the components get it: defaults, names, and what is laid over them."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from infra.config.declaration import NAMED_BY_PEOPLE, PROJECT_FILE, declared, leaves
from infra.config.problems import ConfigError
from infra.config.stack_config import StackConfig
from infra.storage.source_bucket import SourceBucketArgs
from local.program import load_stack_config, run_program
from tests.infra.config.pulumi_config import run
from tests.infra.config.stack_files import CODE, TOKENS, load, read, refusal
from tests.infra.recording import Recorder
from worker.contracts.recipes.by_prefix import one_recipe
from worker.contracts.recipes.focus import CENTRE
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS, FIELDS, RenditionSpec


@pytest.mark.parametrize("stack", ["dev", "local"])
def test_the_stacks_that_come_with_the_project_are_right(stack):
    """Both stack files are accepted as they are."""
    assert StackConfig.read(load_stack_config(stack), stack).account.region == "eu-central-1"


def test_only_the_embedded_aws_gets_the_wheels_of_this_computer():
    """Whatever any other stack is called, its functions run on Lambda."""
    assert read({}, "local").pipeline.worker.target.host
    assert not read({}, "dev").pipeline.worker.target.host


def test_the_project_s_defaults_are_right_on_their_own():
    """A new stack needs nothing, and makes the renditions that `python -m worker` makes."""
    config = load()
    assert isinstance(config.pipeline.source, SourceBucketArgs)
    assert not config.pipeline.source.force_destroy
    assert config.pipeline.worker.memory == 512
    assert config.pipeline.worker.recipes == one_recipe(DEFAULT_RENDITIONS)


def test_there_are_at_most_twenty_keys_and_each_part_has_its_sentence():
    """`Pulumi.yaml` is the manual of the configuration: no part without a sentence, and no sentence about nothing."""
    keys = declared()
    assert len(keys) <= 20
    for key, entry in keys.items():
        assert entry.sentence.endswith("."), key
        assert all(sentence.endswith(".") for sentence in entry.parts.values()), key
        if isinstance(entry.default, dict) and key not in NAMED_BY_PEOPLE:
            assert list(entry.parts) == [".".join(path) for path in leaves(entry.default)], key
    assert ["name", *keys["renditions"].parts] == list(FIELDS)


def test_the_manual_names_the_defaults_of_a_rendition():
    """A field that may be left out says what it is then."""
    spec = {**RenditionSpec("any", 1, 1).to_json(), "focus": str(CENTRE)}
    for field, sentence in declared()["renditions"].parts.items():
        if field not in {"width", "height"}:
            assert sentence.endswith(f"Default {json.dumps(spec[field]).strip(chr(34))}."), field


def test_pulumi_checks_no_type_before_the_program_does():
    """Its own message would name neither the value nor a command."""
    config = yaml.safe_load(PROJECT_FILE.read_text())["config"]
    assert all(set(entry) == {"description", "default"} for key, entry in config.items() if ":" not in key)


def test_a_part_that_is_set_leaves_the_others_as_they_are():
    """One number of one rendition changes, one goes, one comes; nothing else does."""
    config: dict[str, Any] = {}
    for command in (
        "pulumi config set --stack prod --path image-pipeline:renditions.thumbnail.width 320",
        "pulumi config set --stack prod --path image-pipeline:renditions.hero.width 2400",
        "pulumi config set --stack prod --path image-pipeline:renditions.hero.height 1200",
        "pulumi config set --stack prod --path image-pipeline:renditions.hero.fit cover",
    ):
        run(command, config)
    hero = RenditionSpec("hero", 2400, 1200, fit="cover")
    thumbnail, web = RenditionSpec("thumbnail", 320, 256), RenditionSpec("web", 1600, 1600)
    assert read(config).pipeline.worker.recipes.of("a.jpg").specs == (thumbnail, web, hero)
    run("pulumi config set --stack prod --path image-pipeline:renditions.web false", config)
    assert read(config).pipeline.worker.recipes.of("a.jpg").specs == (thumbnail, hero)


@pytest.mark.parametrize("key", [key for key in declared() if isinstance(declared()[key].default, dict)])
def test_an_empty_line_of_a_file_sets_nothing(key):
    """YAML reads it as null, which people leave behind when they take the parts away."""
    assert load(**{key: None}) == load()


def test_names_carry_the_stack():
    """Two alarms in one inbox can be told apart, and names that AWS would refuse do not arise."""
    assert read({}, "dev").pipeline.prefix == "images-dev"
    assert read({}, "V1.2_blue").pipeline.prefix == "images-v1-2-blue"
    long = {read({}, "x" * 60 + end).pipeline.prefix for end in "ab"}
    assert len(long) == 2
    assert all(len(prefix) <= 32 for prefix in long)
    assert load(namePrefix="holiday").pipeline.prefix == "holiday"


def test_a_wrong_region_is_an_error_that_names_the_provider_s_key():
    """`aws:region` is the provider's key and is set like any other."""
    said, (command,) = refusal({"aws:region": "Frankfurt"})
    assert said.startswith("aws:region is 'Frankfurt'; it takes an AWS region")
    assert command == "pulumi config set --stack prod aws:region eu-central-1"


def test_a_wrong_value_stops_the_program_before_any_resource():
    """Nothing was registered when the refusal comes: there is nothing to clean up."""
    recorder = Recorder()
    with pytest.raises(ConfigError):
        run_program(recorder, load_stack_config("dev", {"worker": {"batchSize": 0}}), stack="dev")
    assert recorder.inputs == {}


def test_every_setting_of_the_provider_is_passed_on():
    """An explicit provider reads no `aws:` key by itself: without the account, a deployment could go to the wrong one."""
    roles = [{"roleArn": "arn:aws:iam::123456789012:role/deployer"}]
    config = {"aws:profile": "work", "aws:allowedAccountIds": ["123456789012"], "aws:assumeRoles": roles,
              "aws:maxRetries": 7, "aws:skipMetadataApiCheck": True}  # fmt: skip
    assert read(config).account.settings == {
        "profile": "work",
        "allowed_account_ids": ["123456789012"],
        "assume_roles": roles,
        "max_retries": 7,
        "skip_metadata_api_check": True,
    }


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("aws:allowedAccountId", "is no setting of the AWS provider; did you mean aws:allowedAccountIds?"),
        ("aws:zebra", "is no setting of the AWS provider"),
        ("aws:defaultTags", "is set; the tags of every resource are image-pipeline:tags"),
    ],
)
def test_a_key_of_the_provider_that_it_does_not_know_is_refused(key, says):
    """A guard that is misspelt guards nothing."""
    said, commands = refusal({key: "x"})
    assert said == f"{key} {says}"
    assert commands == [f"pulumi config rm --stack prod {key}"]


@pytest.mark.parametrize("document", [CODE, TOKENS])
def test_there_is_a_page_only_where_there_is_a_way_in(document):
    """Either an access code or a token's issuer and audience; without, there is no page that could be open."""
    assert load(**document).pipeline.page is not None
    assert load().pipeline.page is None


@pytest.mark.parametrize(
    ("document", "crops"),
    [
        ({}, False),
        ({"renditions": {"thumbnail": {"fit": "cover"}}}, True),
        ({"recipes": {"uploads/": {"web": {"fit": "cover"}}}}, True),
        ({"recipes": {"avatars/": {"web": {"fit": "cover"}}}}, False),
        ({"renditions": {"thumbnail": {"fit": "cover"}}, "recipes": {"uploads/": {"thumbnail": False}}}, False),
    ],
)
def test_the_page_asks_for_a_focal_point_where_what_is_uploaded_is_cropped(document, crops):
    """By the recipe of its uploads, and no other one."""
    page = load(**CODE, **document).pipeline.page
    assert page is not None
    assert page.settings["crops"] is crops


@pytest.mark.parametrize("requests", [0, 10, 2_000_000_000])
def test_a_number_of_requests_puts_a_firewall_before_the_page(requests):
    """Any that WAF takes, and 0 for none."""
    page = load(page={**CODE["page"], "firewallRequests": requests}).pipeline.page
    assert page is not None
    assert page.distribution.requests_per_ip == requests


def test_many_renditions_need_no_room_in_the_environment():
    """A function's environment has 4 KB; the recipe is in the zip."""
    many = {f"size-{side}": {"width": side, "height": side} for side in range(1, 201)}
    assert len(load(renditions=many).pipeline.worker.recipes.names) == 202


def test_folders_have_renditions_of_their_own():
    """What a folder sets is laid over the stack's renditions, the longest prefix counts, and `false` leaves a folder alone."""
    config = load(
        renditions={"web": {"quality": 70}},
        recipes={
            "avatars/": {"thumbnail": {"width": 96, "fit": "cover"}, "web": False},
            "raw/": False,
            "raw/good/": {},
        },
    )
    recipes = config.pipeline.worker.recipes
    (thumbnail,) = recipes.of("avatars/tom.jpg").specs
    assert (thumbnail.width, thumbnail.height, thumbnail.fit) == (96, 256, "cover")
    assert recipes.of("raw/a.dng").is_ignored
    assert recipes.of("raw/good/a.jpg") == recipes.of("cats/tom.jpg")
    assert recipes.of("cats/tom.jpg").specs[1].quality == 70


def test_a_folder_has_a_focus_of_its_own():
    """Or the stack's, or none where it crops nothing."""
    square = {"width": 96, "height": 96, "fit": "cover"}
    recipes = load(
        renditions={"square": {**square, "focus": "0.5,0.20"}},
        recipes={"people/": {"square": {"focus": "0.5,0.1"}}, "small/": {"square": {"width": 48}},
                 "whole/": {"square": {"fit": "inside"}}},
    ).pipeline.worker.recipes  # fmt: skip
    found = {key: recipes.of(key).specs[2].focus for key in ("a.jpg", "people/a.jpg", "small/a.jpg", "whole/a.jpg")}
    assert {key: focus and str(focus) for key, focus in found.items()} == {
        "a.jpg": "0.5,0.2",
        "people/a.jpg": "0.5,0.1",
        "small/a.jpg": "0.5,0.2",
        "whole/a.jpg": None,
    }


def test_keys_that_no_event_is_sent_for_have_no_recipe():
    """Prefix and suffixes of the source are known to the recipes, too."""
    recipes = load(source={"prefix": "in/", "suffixes": [".jpg"]}, recipes={"in/raw/": False}).pipeline.worker.recipes
    ignored = {
        key: recipes.of(key).is_ignored for key in ("in/a.jpg", "in/a.png", "in/raw/a.jpg", "out/a.jpg", "a.jpg")
    }
    assert ignored == {"in/a.jpg": False, "in/a.png": True, "in/raw/a.jpg": True, "out/a.jpg": True, "a.jpg": True}
