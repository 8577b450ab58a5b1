"""The arrows between the rooms, held by reading every module's imports."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FORBIDDEN = {
    "uploader": {"chaos", "infra", "worker", "PIL", "local", "ops", "pulumi", "pulumi_aws", "moto", "ministack"},
    "worker": {"chaos", "infra", "uploader", "local", "ops", "pulumi", "pulumi_aws", "moto", "ministack"},
    "infra": {"PIL", "boto3", "botocore", "chaos", "local", "ops", "ministack"},
    "local": {"chaos", "infra", "PIL"},
    "chaos": {"boto3", "botocore", "infra", "ministack", "ops", "pulumi_aws"},
    "ops": {"chaos", "infra", "local", "pulumi", "pulumi_aws", "moto", "ministack"},
}
CONTRACTS = {
    "worker.contracts.metrics",
    "worker.reconcile.originals",
    "worker.contracts.recipe",
    "worker.contracts.settings",
}
CHAOS_CONTRACTS = {
    "worker.contracts.events",
    "worker.contracts.keys",
    "worker.contracts.manifest",
    "worker.contracts.metrics",
    "worker.contracts.recipe",
}
UPLOADER_CONTRACTS = {"uploader.access", "uploader.names"}
OPERATOR_CONTRACTS = {
    "worker.contracts.errors",
    "worker.contracts.events",
    "worker.contracts.keys",
    "worker.contracts.manifest",
    "worker.contracts.recipe",
}


def _imports(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    named = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return plain | {_module(node.module or "", alias.name) for node in named for alias in node.names}


def _module(package: str, name: str) -> str:
    """Return what `from package import name` imports: a module of the package, or the package itself."""
    path = ROOT / package.replace(".", "/") / f"{name}.py"
    return f"{package}.{name}" if path.is_file() else package


def _modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


@pytest.mark.parametrize("room", FORBIDDEN)
def test_no_room_imports_what_it_must_not_know(room):
    """Each room's imports stay on its side of the walls."""
    for path in _modules(room):
        tops = {name.split(".")[0] for name in _imports(path)}
        assert not tops & FORBIDDEN[room], path.relative_to(ROOT)


def test_infra_knows_of_the_worker_only_its_contracts():
    """The program shares the recipe's parser and the settings' names with the worker, nothing else."""
    for path in _modules("infra"):
        assert {name for name in _imports(path) if name.startswith("worker")} <= CONTRACTS, path.name


def test_infra_knows_of_the_uploader_only_its_contracts():
    """The program shares the access code's hash and the prefix of uploads with the uploader, nothing else."""
    for path in _modules("infra"):
        assert {name for name in _imports(path) if name.startswith("uploader")} <= UPLOADER_CONTRACTS, path.name


def test_only_one_module_of_the_worker_imports_botocore_s_errors_besides_the_store():
    """Translation of botocore's exceptions is in `aws`; `store` alone looks at an answer's status."""
    users = {path.name for path in _modules("worker") if "botocore.exceptions" in _imports(path)}
    assert users == {"aws.py", "store.py"}


def test_ops_knows_of_the_worker_only_its_contracts():
    """The operator's commands share keys, manifests, events, errors and the recipe with the worker, no more of it."""
    for path in _modules("ops"):
        assert {name for name in _imports(path) if name.startswith("worker")} <= OPERATOR_CONTRACTS, path.name


def test_chaos_knows_of_the_worker_only_its_contracts():
    """It judges the worker, so it shares no code with it but names; what runs in the worker's own process is apart."""
    for path in _modules("chaos"):
        if path.parent.name != "inside":
            assert {name for name in _imports(path) if name.startswith("worker")} <= CHAOS_CONTRACTS, path.name


def test_only_the_golden_set_of_ops_knows_pillow():
    """Somebody on call needs no Pillow but for smoke."""
    assert {path.name for path in _modules("ops") if any("PIL" in name for name in _imports(path))} == {"golden.py"}


def test_ops_translates_botocore_s_errors_in_one_module():
    """Others look only at whether a key is there, and whether SQS hides no more."""
    users = {path.name for path in _modules("ops") if "botocore.exceptions" in _imports(path)}
    assert users == {"aws.py", "pictures.py", "queues.py"}
