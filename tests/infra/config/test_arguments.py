"""The settings that another program gives a pipeline: the keys of the configuration, read by its reader."""

from __future__ import annotations

import asyncio
import copy
import enum
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import pulumi
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from infra.config import settings as declared_types
from infra.config.arguments import OF_THE_STACK, read_settings
from infra.config.declaration import NAMED_BY_PEOPLE, declared
from infra.config.keys import subscribers
from infra.config.problems import SettingsError
from infra.config.settings import PipelineSettings
from tests.infra.config import pulumi_config
from tests.infra.config.stack_files import CODE, TOKENS, load
from tests.infra.config.test_wrong_values import stack_files
from worker.contracts.recipes.specs import FIELDS

SECRET = {"page": {"access": {"code": pulumi_config.SECRET}}}


def an_output() -> pulumi.Output[str]:
    """Make one, in the event loop that it needs; pytest would look into a global one."""

    async def make() -> pulumi.Output[str]:
        return pulumi.Output.from_input("in/")

    return asyncio.run(make())


class Fit(enum.StrEnum):
    COVER = "cover"


def read(document: Any, name: str = "photos") -> Any:
    """Read the settings of a pipeline in the stack `prod`."""
    return read_settings(name, document, "prod")


def refusal(document: Any, name: str = "photos") -> list[str]:
    """Return the lines of the refusal, without the first."""
    with pytest.raises(SettingsError) as caught:
        read(document, name)
    headline, *lines = str(caught.value).splitlines()
    assert headline.startswith(f"The settings of ImagePipeline {name!r} are wrong")
    return [line.strip() for line in lines]


def type_of(default: Any, where: str) -> Any:
    """Return the type that a default has in the settings; an object's is that of its parts."""
    if isinstance(default, dict):
        return {name: type_of(part, f"{where}.{name}") for name, part in default.items()}
    return Sequence[str] if isinstance(default, list) else type(default)


def shape_of(hint: Any) -> Any:
    """Return a type of the settings in the same form, without what a value may be besides, such as an Output."""
    if is_typeddict(hint):
        return {name: shape_of(part) for name, part in get_type_hints(hint).items()}
    return get_args(hint)[0] if get_origin(hint) in (types.UnionType, Union) else hint


def test_the_settings_are_every_key_of_the_configuration_with_every_part_and_its_type():
    """`Pulumi.yaml` is the only list: what is added there is a setting, but for what is the stack's own."""
    keys = {key: entry.default for key, entry in declared().items() if key not in OF_THE_STACK}
    hints = get_type_hints(PipelineSettings)
    assert set(hints) == set(keys)
    for key, default in keys.items():
        if key in NAMED_BY_PEOPLE:
            assert get_origin(hints[key]) is Mapping, key
        elif default not in (True, False):
            assert shape_of(hints[key]) == type_of(default, key), key
        else:
            assert hints[key] is bool, key


def test_what_has_names_of_people_s_has_the_fields_that_are_read():
    """A rendition, a subscriber and its filter."""
    assert ["name", *get_type_hints(declared_types.Rendition)] == list(FIELDS)
    assert tuple(get_type_hints(declared_types.Subscriber)) == subscribers._FIELDS
    assert tuple(get_type_hints(declared_types.Filter)) == subscribers.ATTRIBUTES
    assert get_args(declared_types.Renditions) == (str, declared_types.Rendition | Literal[False])


@pytest.mark.parametrize(
    "document", [{}, {**TOKENS}, {"renditions": {"web": False, "card": {"width": 9, "height": 9}}}]
)
def test_settings_are_read_as_the_configuration_is(document):
    """The same keys make the same arguments."""
    assert read({**document, "namePrefix": "same"}) == load(**document, namePrefix="same").pipeline


def test_an_access_code_comes_from_a_secret_of_the_program_s_own():
    """Where from is not to be seen here; in a stack's file it would have to be encrypted."""
    assert read(SECRET).page.uploader.access_code == load(**CODE).pipeline.page.uploader.access_code  # type: ignore[union-attr]


def test_names_carry_the_pipeline_and_the_stack():
    """Two pipelines in one stack, and one in two, have names of their own."""
    assert read({}).prefix == "photos-prod"
    assert read({}, "cats").prefix == "cats-prod"
    assert read({"namePrefix": "mine"}).prefix == "mine"
    assert len(read({}, "x" * 32).prefix) == 32


@pytest.mark.parametrize("name", ["", "a", "Photos", "a_b", "a b", "1a", "x" * 33, "a-"])
def test_a_name_that_could_not_begin_a_resource_s_is_refused(name):
    """Nor one that has the sign which ends it."""
    (line,) = refusal({}, name)
    assert line == (
        f"Its name, {name!r}, begins the names of its resources; it takes 2 to 32 of a-z, 0-9 and hyphen, from a letter on"
    )


WRONG: list[tuple[Any, list[str]]] = [
    ({"worker": {"memory": 1}}, ["worker.memory is 1; it takes a whole number from 256 to 10240", "set worker.memory to 256"]),
    ({"source": {"prefx": "in/"}}, ["source.prefx is not a key; did you mean source.prefix?", "leave out source.prefx", "set source.prefix to 'in/'"]),
    ({"source.prefix": "in/"}, ["source.prefix is not a key; did you mean source.prefix?", "leave out source.prefix", "set source.prefix to 'in/'"]),
    ({"memory": 512}, ["memory is not a key; did you mean worker.memory?", "leave out memory", "set worker.memory to 512"]),
    ({"delivery": {"enabled": "on"}}, ["delivery.enabled is 'on'; it takes true or false", "set delivery.enabled to True"]),
    ({"completionMessages": 3}, ["completionMessages is 3; it takes true or false", "set completionMessages to True"]),
    ({"worker": {"memory": 512.5}}, ["worker.memory is 512.5; it takes a whole number from 256 to 10240", "set worker.memory to 512"]),
    ({"worker": {"memory": float("nan")}}, ["worker.memory is NaN; it takes a whole number from 256 to 10240", "set worker.memory to 512"]),
    ({"worker": {"memory": True}}, ["worker.memory is true; it takes a whole number from 256 to 10240", "set worker.memory to 512"]),
    ({"worker": 512}, [("worker is 512; it takes an object of memory, timeout, runtime, architecture, logRetentionDays, batchSize, maxConcurrency,"
                       " backfillConcurrency, set part by part"), "leave out worker"]),
    ({"source": {"suffixes": ".jpg"}}, ["source.suffixes is '.jpg'; it takes a list", "leave out source.suffixes"]),
    ({"source": {"prefix": Path("in")}}, ["source.prefix is of the type PosixPath; it takes text, a number, True, False, a list or a dict"]),
    ({"source": {"suffixes": [b".jpg"]}}, ["source.suffixes[0] is of the type bytes; it takes text, a number, True, False, a list or a dict"]),
    ({"tags": {"team": "x"}}, ["tags is the provider's: give the pipeline an aws.Provider with it, in opts", "leave out tags"]),
    ({"aws:region": "eu-west-1"}, ["aws:region is the provider's: give the pipeline an aws.Provider with it, in opts", "leave out aws:region"]),
    ({"page": {"access": {"code": "hush"}}}, [("page.access.code is a secret that is not shown; it takes 16 to 128 characters without spaces, such as a"
                                             " password generator makes"), "set page.access.code"]),
    ({"tags": {1: "x"}, "subscribers": {2: {}}}, ["tags has a part named 1; names are text", "subscribers has a part named 2; names are text"]),
    ([], ["settings is of the type list; it takes text, a number, True, False, a list or a dict"]),
    ("photos/", ["settings is of the type str; it takes text, a number, True, False, a list or a dict"]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "lines"), WRONG, ids=[lines[0][:40] for _, lines in WRONG])
def test_what_is_wrong_is_said_of_the_setting_and_no_command_is(document, lines):
    """The place, the value and what it takes; what corrects it is done in the program."""
    assert refusal(document)[: len(lines)] == lines
    assert "pulumi config" not in "\n".join(refusal(document))


def test_a_value_that_nobody_knows_yet_is_refused():
    """What to make decides which resources there are, so it has to be known before."""
    (line,) = refusal({"source": {"prefix": an_output()}})
    assert (
        line
        == "source.prefix is an Output, whose value is not known yet; it takes text, a number, True, False, a list or a dict"
    )


def test_a_value_may_have_the_type_that_it_has_in_a_configuration():
    """Text for a number or a boolean, a float that is whole, None for nothing, a tuple for a list, text of an enumeration."""
    plain: PipelineSettings = {
        "worker": {"memory": 1024},
        "completionMessages": True,
        "source": {"suffixes": [".jpg"]},
        "renditions": {"web": {"fit": "cover"}},
    }
    odd = {
        "worker": {"memory": 1024.0, "timeout": None},
        "completionMessages": "true",
        "source": types.MappingProxyType({"suffixes": (".jpg",)}),
        "renditions": {"web": {"fit": Fit.COVER}},
        "queue": None,
    }
    assert read(odd) == read(plain)
    assert read({"worker": {"memory": "1024"}}) == read({"worker": {"memory": 1024}})


ODD = st.sampled_from([b"x", Path("x"), float("inf"), (1, 2), {1: 2}, {3}, object(), Fit.COVER, 1 + 2j, 10**30]).map(
    copy.deepcopy
)


@st.composite
def odd_settings(draw):
    """Draw settings as wrong as a stack's file may be, with values in them that no file has."""
    document = {key.partition(":")[2]: value for key, value in draw(stack_files()).items()}
    for key in draw(st.lists(st.sampled_from([*declared(), "nothing"]), max_size=2)):
        known = document.get(key)
        if isinstance(known, dict) and known:
            known[draw(st.sampled_from(sorted(known)))] = draw(ODD)
        else:
            document[key] = draw(ODD)
    return document


def with_lists(value: Any) -> Any:
    """Return the value with a list for each tuple, as who corrects a part of one writes it."""
    if isinstance(value, dict):
        return {key: with_lists(part) for key, part in value.items()}
    return [with_lists(part) for part in value] if isinstance(value, list | tuple) else value


@settings(deadline=None, phases=[Phase.explicit, Phase.generate])
@given(document=odd_settings())
@example({"source": {"suffixes": (1, 2)}})
@example({"xalarms": "#FFF", "alarms": [{}]})
def test_whatever_is_refused_can_be_corrected_as_it_is_said(document):
    """Done in a few rounds, and no error is a crash; what no file could have is taken out."""
    config: dict[str, Any] = document
    for _ in range(6):
        try:
            read(config)
        except SettingsError as exc:
            config = with_lists(config)
            for problem in exc.problems:
                for change in problem.changes:
                    if not change.sets:
                        pulumi_config._remove(config, list(change.path))
                    else:
                        value = pulumi_config.SECRET if change.value is None else change.value
                        pulumi_config._set(config, list(change.path), value)
                if not problem.changes:
                    pulumi_config._remove(config, list(problem.path))
        else:
            return
    pytest.fail(f"still refused: {config}")
