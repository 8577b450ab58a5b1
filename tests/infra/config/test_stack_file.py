from __future__ import annotations

import json

import pytest

from infra.config.stack_config import StackConfig
from infra.config.stack_file import main, of_file
from local import ROOT
from local.program import load_stack_config


@pytest.mark.parametrize("stack", ["dev", "local"])
def test_a_file_is_read_as_the_program_would_read_it(stack):
    """The same recipes and the same sizes, without the Pulumi CLI."""
    found = of_file(ROOT / f"Pulumi.{stack}.yaml")
    worker = StackConfig.read(load_stack_config(stack), stack).pipeline.worker
    assert found["recipes"] == json.loads(worker.recipes.to_json())
    assert [found[name] for name in ("memory", "timeout", "batch_size", "backfill_concurrency")] == [
        worker.memory,
        worker.timeout,
        worker.batch_size,
        worker.backfill_concurrency,
    ]


def test_an_encrypted_value_needs_no_pulumi(tmp_path):
    """The page's access code is kept encrypted, part by part or as a whole, and nothing of the plan depends on it."""
    for page in ("{access: {code: {secure: v1:abc}}}", "{secure: v1:abc}"):
        path = tmp_path / "Pulumi.dev.yaml"
        path.write_text(f"config:\n  image-pipeline:page: {page}\n  image-pipeline:worker: {{memory: 1024}}\n")
        assert of_file(path)["memory"] == 1024


def test_a_file_without_keys_has_the_defaults(tmp_path):
    """An empty one, as `pulumi stack init` leaves it."""
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text("")
    assert list(of_file(path)["recipes"]["recipes"]) == [""]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "No such file"),
        ("config: [", "is no YAML"),
        ("- a", "no keys below config:"),
        ("config: text", "no keys below config:"),
        ("config: {image-pipeline:recipe: {}}", "pulumi config rm --stack dev image-pipeline:recipe"),
        ("config: {image-pipeline:renditions: {web: {width: 0}}}", "renditions.web.width 1"),
        ("config: {image-pipeline:renditions: 7}", "renditions is 7"),
    ],
)
def test_what_is_wrong_is_said_with_the_commands_that_correct_it(tmp_path, capsys, text, said):
    """Exit status 2 and a sentence, never a traceback."""
    path = tmp_path / "Pulumi.dev.yaml"
    if text is not None:
        path.write_text(text)
    assert main([str(path)]) == 2
    assert said in capsys.readouterr().err
