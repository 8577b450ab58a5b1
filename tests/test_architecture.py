"""The arrows between the rooms, held by reading every module's imports, those for type checking included."""

from __future__ import annotations

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

import pytest

from tests import conftest

if TYPE_CHECKING:
    from collections.abc import Collection

ROOT: Final = Path(__file__).parents[1]
PRODUCT: Final = ("bench", "chaos", "infra", "local", "ops", "pager", "uploader", "worker")
FILES: Final = tuple(
    PurePosixPath(path.relative_to(ROOT).as_posix())
    for top in (*PRODUCT, "tests")
    for path in (ROOT / top).rglob("*")
    if path.is_file() and "__pycache__" not in path.parts
)
DOZEN: Final = 12

FORBIDDEN: Final = {
    "pager": {
        "chaos",
        "infra",
        "worker",
        "uploader",
        "PIL",
        "local",
        "ops",
        "pulumi",
        "pulumi_aws",
        "moto",
        "ministack",
    },
    "uploader": {"chaos", "infra", "worker", "PIL", "local", "ops", "pulumi", "pulumi_aws", "moto", "ministack"},
    "worker": {"boto3", "chaos", "infra", "uploader", "local", "ops", "pulumi", "pulumi_aws", "moto", "ministack"},
    "worker/contracts": {"PIL", "botocore"},
    "infra": {"PIL", "boto3", "botocore", "chaos", "local", "ops", "ministack"},
    "local": {"chaos", "infra", "ops", "PIL"},
    "chaos": {"boto3", "botocore", "infra", "ministack", "ops", "pulumi_aws"},
    "ops": {"chaos", "infra", "local", "pulumi", "pulumi_aws", "moto", "ministack"},
}
"""What a room must not import, by the first part of a module's name."""
ALLOWED: Final = {"chaos.inside.plain": {"boto3"}}
"""The worker of AWS's samples, in Lambda: it is what others write."""
AUDIT: Final = {"worker.audit.buckets", "worker.audit.patrol", "worker.audit.side_by_side", "worker.audit.wounds"}
"""The one reader of both buckets side by side, on a client of whoever reads."""
CONTRACTS: Final = {
    "infra": {"worker.contracts", "uploader.access", "uploader.names", "uploader.visitor"},
    "ops": {"worker.contracts", *AUDIT},
    "local": {"worker.contracts"},
    "chaos": {"worker.contracts"},
}
"""All that a room may import of the worker and the uploader."""
INSIDE_THE_WORKER: Final = PurePosixPath("chaos/inside")
"""Runs in the worker's own process, and changes it."""
STAGES: Final = {
    "contracts": set(),
    "process": {"contracts"},
    "audit": {"contracts", "process"},
    "images": {"contracts"},
    "rendering": {"contracts", "process", "images"},
    "reconcile": {"contracts", "process", "images", "rendering"},
    "queue": {"contracts", "process", "images", "rendering", "reconcile"},
}
"""What each room of the worker may import of the others: handler -> queue -> reconcile -> rendering -> images."""


def _module(path: PurePosixPath) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


MODULES: Final = {_module(path): path for path in FILES if path.suffix == ".py"}


def _imports(path: PurePosixPath) -> set[str]:
    """Return the names of the modules that a file imports; those of this repository in full."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in names}
    return found


IMPORTS: Final = {module: _imports(path) for module, path in MODULES.items()}


def _room(module: str) -> str:
    """Return the room of a module, such as `worker/queue`; rooms within a room belong to it."""
    return "/".join(MODULES[module].parts[:-1][:2])


def _in(folder: str) -> list[str]:
    """Return the modules in a folder and below."""
    return [module for module, path in MODULES.items() if PurePosixPath(folder) in path.parents]


@pytest.mark.parametrize("room", FORBIDDEN)
def test_no_room_imports_what_it_must_not_know(room):
    """Each room's imports stay on its side of the walls."""
    found = {module: {name.split(".")[0] for name in IMPORTS[module]} & FORBIDDEN[room] for module in _in(room)}
    assert {module: names for module, names in found.items() if names - ALLOWED.get(module, set())} == {}


def _is_in(name: str, packages: Collection[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("room", CONTRACTS)
def test_others_know_only_contracts_of_what_runs_in_lambda(room):
    """Names, forms and formats are shared with the worker and the uploader, no code that does anything."""
    allowed = CONTRACTS[room]
    for module in _in(room):
        if INSIDE_THE_WORKER in MODULES[module].parents:
            continue
        foreign = {name for name in IMPORTS[module] if name.split(".")[0] in ("worker", "uploader")}
        assert {name for name in foreign if not _is_in(name, allowed)} == set(), module


@pytest.mark.parametrize("room", STAGES)
def test_the_worker_s_rooms_are_in_the_order_of_its_stages(room):
    """A room imports only those of later stages; all may use contracts, and all but images what the process has."""
    for module in _in(f"worker/{room}"):
        used = {name.split(".")[1] for name in IMPORTS[module] if name.startswith("worker.")} - {room}
        assert used <= STAGES[room], module


def test_every_room_of_the_worker_is_a_stage():
    """A new room needs a place in the order."""
    assert {path.parts[1] for path in MODULES.values() if path.parts[0] == "worker" and len(path.parts) > 2} == {
        *STAGES
    }


def _circle(graph: dict[str, set[str]]) -> list[str]:
    """Return one circle of a graph; none is an empty list."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as exc:
        return list(exc.args[1])
    return []


def test_no_modules_import_each_other_in_a_circle():
    """Not even two, not even for type checking, tests included."""
    assert (
        _circle({module: {name for name in names if name in MODULES} - {module} for module, names in IMPORTS.items()})
        == []
    )


@pytest.mark.parametrize("top", PRODUCT)
def test_no_rooms_import_each_other_in_a_circle(top):
    """A room is above all that it imports; modules next to the rooms wire them and belong to none."""
    rooms = {_room(module) for module in _in(top)} - {top}
    graph: dict[str, set[str]] = {room: set() for room in rooms}
    for module in _in(top):
        if _room(module) in rooms:
            used = {_room(name) for name in IMPORTS[module] if name in MODULES}
            graph[_room(module)] |= (used & rooms) - {_room(module)}
    assert _circle(graph) == []


def test_no_folder_has_more_than_a_dozen_entries():
    """Its content is seen at a glance; the root alone, whose layout is known outside, has more, and `tests`, which mirrors it."""
    folders = {folder for path in FILES for folder in path.parents} - {PurePosixPath(), PurePosixPath("tests")}
    entries = {
        folder: {path.relative_to(folder).parts[0] for path in FILES if folder in path.parents} for folder in folders
    }
    assert {str(folder): len(names) for folder, names in entries.items() if len(names) > DOZEN} == {}


def test_every_room_says_what_it_is_for_and_what_it_must_never_know():
    """In the docstring of its `__init__.py`, which has nothing else but the names that it hands on."""
    for module, path in MODULES.items():
        if (
            path.name == "__init__.py"
            and path.parts[0] in ("infra", "local", "ops", "pager", "worker")
            and len(path.parts) > 2
        ):
            said = ast.get_docstring(ast.parse((ROOT / path).read_text())) or ""
            assert re.search(r"\b[Nn]ever\b", said), module


def test_botocore_s_errors_are_translated_in_one_module_of_the_worker():
    """Only the modules of the two buckets read the status of an answer, too."""
    users = {module for module in _in("worker") if "botocore.exceptions" in IMPORTS[module]}
    assert users == {
        "worker.process.aws",
        "worker.audit.buckets",
        "worker.audit.state",
        "worker.reconcile.outputs",
        "worker.reconcile.sources",
    }


def test_botocore_s_errors_are_translated_in_one_module_of_ops():
    """Others check only whether a key exists, and whether SQS hides no more messages."""
    users = {module for module in _in("ops") if "botocore.exceptions" in IMPORTS[module]}
    assert users == {"ops.stack.aws", "ops.stack.buckets", "ops.queues.queue"}


def test_only_three_modules_of_ops_know_pillow():
    """One draws the golden set of smoke, one compares the renditions of a plan, one shows what can be decoded of a broken picture."""
    assert {module for module in _in("ops") if any("PIL" in name for name in IMPORTS[module])} == {
        "ops.dead_letters.report.shrink",
        "ops.health.golden_set",
        "ops.pictures.recipe.similarity",
    }


def test_the_modules_that_begin_first_exist():
    """A module that was moved would begin last, and all would wait for it."""
    assert [name for name in conftest.LONGEST if not (ROOT / "tests" / name).is_file()] == []
