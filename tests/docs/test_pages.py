"""README and docs: every command runs as it is pasted, every file of a stack is accepted, and every link leads somewhere."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import click
import pytest
import yaml

from infra.config.stack_config import StackConfig
from local import ROOT
from ops.commands.cli import cli
from tests.docs.configuration_page import PAGE, configuration_page
from tests.infra.config.pulumi_config import handed_over, run

if TYPE_CHECKING:
    from pathlib import Path

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text() for page in PAGES}
OUTSIDE = {"login", "install", "version"}
"""Commands of the Pulumi CLI that concern no stack."""


def commands(text: str, start: str) -> list[str]:
    """Return the commands of a page that start so: in a block for the shell, after a prompt, or between backticks."""
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    prompted = re.findall(rf"^({start}[^\n]*)$", blocks, re.MULTILINE)
    prompted += re.findall(rf"^\$ ({start}[^\n]*)$", text, re.MULTILINE)
    return [*prompted, *re.findall(rf"`({start}[^`\n]*)`", text)]


def every(start: str) -> list[tuple[str, str]]:
    """Return page and command, of all pages, each command once a page."""
    return [(page, command) for page, text in TEXTS.items() for command in dict.fromkeys(commands(text, start))]


def words_of(*texts: str) -> int:
    """Return the number of words, as `wc -w` counts them."""
    return sum(len(text.split()) for text in texts)


def test_there_is_not_too_much_to_read():
    """A README that is read to its end, and pages that are read at all."""
    docs = [text for page, text in TEXTS.items() if page.startswith("docs/")]
    assert words_of(TEXTS["README.md"]) <= 1000
    assert words_of(*docs) <= 14_000


def test_the_page_of_the_configuration_is_that_of_the_project():
    """`python -m tests.docs.configuration_page` writes it from `Pulumi.yaml`."""
    assert PAGE.read_text() == configuration_page()


@pytest.mark.parametrize(("page", "command"), every("pulumi config "))
def test_every_pulumi_config_command_works_on_a_stack_that_has_set_nothing(page, command):
    """By Pulumi's own rules for paths, and what comes of it is accepted: the sides of a rendition come together."""
    empty: dict[str, Any] = {}
    for line in together(page, command):
        run(line, empty)
    StackConfig.read(handed_over(empty), "dev", list(empty))


def together(page: str, command: str) -> list[str]:
    """Return the command, with the others of the page that set the same object."""
    found = re.search(r"image-pipeline:\w+\.[\w-]+\.", command)
    lines = commands(TEXTS[page], "pulumi config set ")
    return [line for line in lines if found and found[0] in line] or [command]


@pytest.mark.parametrize(("page", "command"), every("pulumi "))
def test_every_pulumi_command_names_its_stack(page, command):
    """Whichever is selected, `destroy` destroys the one that is meant."""
    words = shlex.split(command)
    is_of_a_stack = words[1] not in OUTSIDE and words[1:3] != ["stack", "init"]
    assert not is_of_a_stack or "--stack" in words, command


def stack_files() -> list[tuple[str, str]]:
    """Return page and text of every part of a stack's file."""
    blocks = [
        (page, block) for page, text in TEXTS.items() for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    ]
    return [(page, block) for page, block in blocks if "config:" in block]


@pytest.mark.parametrize(("page", "block"), stack_files())
def test_every_part_of_a_stack_s_file_is_accepted(page, block):
    """Alone, on a stack that has set nothing else."""
    text = re.sub(r"\b(POOL|CLIENT-ID|DOMAIN|PAGE)\b", "example", block)
    StackConfig.read(handed_over(yaml.safe_load(text)["config"]), "dev")


@pytest.mark.parametrize(("page", "command"), every(r"(?:\.venv/bin/)?python -m ops --stack "))
def test_every_operator_s_command_exists(page, command):
    """Each parses with the options that the commands really have."""
    words = shlex.split(command.partition("-m ops ")[2], comments=True)[2:]
    found: click.Command = cli
    context = click.Context(cli, **cli.context_settings)
    while isinstance(found, click.Group):
        inner = found.get_command(context, words.pop(0))
        assert inner is not None, command
        found = inner
    found.make_context("ops", words, parent=context)


def test_every_make_target_that_a_page_names_exists():
    """Each `make TARGET` can be typed."""
    makefile = (ROOT / "Makefile").read_text()
    named = {target for text in TEXTS.values() for target in re.findall(r"(?:`|\$ |\n)make ([a-z-]+)", text)}
    assert {"demo", "test"} <= named
    assert [target for target in named if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


@pytest.mark.parametrize("page", TEXTS)
def test_every_link_leads_somewhere(page):
    """Files, pictures, and the headings in them."""
    folder = (ROOT / page).parent
    for target, _, heading in re.findall(r"\]\((?!https?://)([^)#]*)(#([^)]+))?\)", TEXTS[page]):
        found = (folder / target) if target else ROOT / page
        assert found.exists(), target
        if heading:
            assert heading in headings(found), f"{target}#{heading}"


def headings(page: Path) -> set[str]:
    """Return the anchors of a page's headings."""
    lines = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}
