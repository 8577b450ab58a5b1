"""The stack's own values laid over the defaults, part by part: Pulumi itself replaces a key's default as a whole."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from infra.config.declaration import NAMED_BY_PEOPLE, declared, leaves
from infra.config.place import Place
from infra.config.problems import Change, Path, text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


_OF_THE_PROVIDER: Final = frozenset({"region", "profile"})
_OF_A_PATH: Final = re.compile(r"[.\[]")


def whole_configuration(values: Mapping[str, str], secrets: Collection[str] = ()) -> Place:
    """Return the place of the whole configuration; unknown keys and wrong shapes are among its problems already.

    Args:
        values: The stack's, by key without the namespace, as the engine hands them over: text, or JSON.
        secrets: Keys whose values are kept encrypted.
    """
    defaults = {key: entry.default for key, entry in declared().items()}
    parsed = {key: _parsed(text, defaults.get(key)) for key, text in values.items()}
    own = Place((), parsed, defaults, encrypted=frozenset(secrets))
    for key in values:
        if key not in defaults:
            _refuse_key(own, key, _everywhere(defaults))
    return over_defaults(own)


def over_defaults(own: Place) -> Place:
    """Return the place of all keys, each laid over its default; what is unknown within a key is among the problems."""
    keys = {key: own.at(key) for key in own.default}
    merged = {key: laid_over(place) if key in own.value else place.default for key, place in keys.items()}
    for key, place in keys.items():
        if key not in NAMED_BY_PEOPLE:
            _refuse_unknown_in(place, _everywhere(own.default))
    return replace(own, value=merged)


def refuse_unknown_keys(own: Place) -> None:
    """Refuse keys that there are not, each with the nearest that there is."""
    own.refuse_unknown(own.default, _everywhere(own.default))


def _everywhere(defaults: Mapping[str, Any]) -> dict[Path, Any]:
    """Return the defaults of all parts that have names of the program's, by their paths."""
    return {path: default for path, default in leaves(dict(defaults)).items() if path[0] not in NAMED_BY_PEOPLE}


def _parsed(text: str, default: Any) -> Any:
    """An object or a list arrives as JSON; text that is none is left for the check of shapes to refuse."""
    if default is not None and not isinstance(default, dict | list):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if default is not None or isinstance(value, dict | list) else text


def laid_over(own: Place) -> Any:
    """Return the value of a place with its default under it. An empty line of YAML sets nothing."""
    if own.value is None:
        return own.default
    if isinstance(own.default, dict) and isinstance(own.value, dict):
        return {name: laid_over(own.at(name)) for name in {**own.default, **own.value}}
    if own.path[0] in NAMED_BY_PEOPLE and len(own.path) > 1:
        return own.value
    if isinstance(own.default, dict):
        names = f" of {', '.join(own.default)}" if own.path[0] not in NAMED_BY_PEOPLE else ", by name"
        return _refused_shape(own, f"an object{names}, set part by part")
    if isinstance(own.default, list) and not isinstance(own.value, list):
        return _refused_shape(own, "a list")
    return own.value


def _refused_shape(own: Place, takes: str) -> Any:
    own.refuse(takes)
    return own.default


def _refuse_key(own: Place, key: str, everywhere: Mapping[Path, Any]) -> None:
    """Refuse a key that is none: a misspelt one, one of the provider's, or a path that was set without --path."""
    if key in _OF_THE_PROVIDER:
        moved = own.at(key).moved_to((f"aws:{key}",))
        own.at(key).refuse_for(f"is not a key; did you mean aws:{key}?", Change((key,)), *moved)
        return
    if not _OF_A_PATH.search(key):
        others = {name: value for name, value in own.value.items() if name in own.default}
        replace(own, value={**others, key: own.value[key]}).refuse_unknown(own.default, everywhere)
        return
    meant = _path_in(key)
    again = own.at(key).moved_to(meant) if meant and meant[0] in own.default else []
    # The whole key has that name, so that it is removed without --path in any case.
    own.at(key).refuse_for("is a path that was set without --path", Change((key,)), *again)


def _path_in(key: str) -> Path | None:
    """Return the path of names that a key spells; nothing where it spells an index, which none of ours has first."""
    names = tuple(key.split("."))
    return names if text_of(names) == key else None


def _refuse_unknown_in(own: Place, everywhere: Mapping[Path, Any]) -> None:
    if isinstance(own.value, dict) and isinstance(own.default, dict):
        own.refuse_unknown(own.default, everywhere)
        for part in own.parts():
            _refuse_unknown_in(part, everywhere)
