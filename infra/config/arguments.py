"""Reads the settings that another Pulumi program gives a pipeline: Python's values, checked by the reader of the configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pulumi

from infra.config.declaration import SECRETS, declared
from infra.config.overlay import over_defaults, refuse_unknown_keys
from infra.config.place import Place
from infra.config.problems import Change, Problem, SettingsError, text_of
from infra.config.stack_config import PREFIX, PREFIX_TAKES, as_prefix, read_pipeline
from infra.storage.adopted_bucket import AdoptedBucketArgs

if TYPE_CHECKING:
    from infra.config.problems import Path
    from infra.config.settings import PipelineSettings
    from infra.pipeline import PipelineArgs

OF_THE_STACK: Final = frozenset({"tags"})
"""Keys of `Pulumi.yaml` that are no settings of a pipeline."""
_OF_THE_PROVIDER: Final = frozenset({*OF_THE_STACK, "default_tags", "defaultTags", "profile", "region"})
_TAKES: Final = "text, a number, True, False, a list or a dict"
_BUCKET: Final = ("source", "bucket")
"""The one setting that decides nothing, so that it may be known later."""
_KNOWN_LATER: Final = "known-later"


def read_settings(name: str, settings: PipelineSettings, stack: str) -> PipelineArgs:
    """Return the arguments of the components of the pipeline `name` in a program's `stack`.

    A number, True and False may also be text, and a whole number a float, as in a stack's configuration; None sets nothing.

    Raises:
        SettingsError: With every wrong value.
    """
    problems: list[Problem] = []
    if not re.fullmatch(PREFIX, name):
        problems.append(
            Problem((), f"Its name, {name!r}, begins the names of its resources; it takes {PREFIX_TAKES}", ())
        )
    values = _plain(settings, (), problems) or {}
    defaults = {key: entry.default for key, entry in declared().items() if key not in OF_THE_STACK}
    # Where a secret comes from nobody can tell here. Its key counts as encrypted: nothing of it is shown.
    own = Place((), values, defaults, problems, frozenset(str(path[0]) for path in SECRETS))
    own = _without_provider_s(own)
    refuse_unknown_keys(own)
    args = read_pipeline(over_defaults(own), stack, as_prefix(f"{name}-{stack}"))
    if problems:
        raise SettingsError(name, problems)
    if isinstance(args.source, AdoptedBucketArgs) and args.source.bucket == _KNOWN_LATER:
        return replace(args, source=replace(args.source, bucket=settings["source"]["bucket"]))
    return args


def _plain(value: Any, path: Path, problems: list[Problem]) -> Any:
    """Return a value as a configuration might have it: a tuple is a list. What it could not have is a problem, and sets nothing."""
    if path == _BUCKET and isinstance(value, pulumi.Output):
        return _KNOWN_LATER
    if isinstance(value, Mapping):
        odd = [name for name in value if not isinstance(name, str)]
        problems += [Problem(path, f"{_text(path)} has a part named {name!r}; names are text", ()) for name in odd]
        return {name: _plain(value[name], (*path, name), problems) for name in value if name not in odd}
    if value is None or (path and isinstance(value, bool | int | float | str)):
        return value
    if path and isinstance(value, list | tuple):
        return [_plain(part, (*path, index), problems) for index, part in enumerate(value)]
    problems.append(Problem(path, f"{_text(path)} is {_kind(value)}; it takes {_TAKES}", ()))
    return None


def _text(path: Path) -> str:
    return text_of(path) if path else "settings"


def _kind(value: Any) -> str:
    if isinstance(value, pulumi.Output):
        return "an Output, whose value is not known yet"
    return f"of the type {type(value).__name__}"


def _without_provider_s(own: Place) -> Place:
    """Return the place without the keys that are the provider's, each of which is refused."""
    for key in own.value:
        if key in _OF_THE_PROVIDER or ":" in key:
            sentence = "is the provider's: give the pipeline an aws.Provider with it, in opts"
            own.at(key).refuse_for(sentence, Change((key,)))
    kept = {key: value for key, value in own.value.items() if key not in _OF_THE_PROVIDER and ":" not in key}
    return replace(own, value=kept)
