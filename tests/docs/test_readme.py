"""What the README states of the code is so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_the_table_of_configuration_keys_is_that_of_the_project():
    """Every key of `Pulumi.yaml`, in its order, with its default and its sentence."""
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*) \|$", README, re.MULTILINE)
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    own = {key: entry for key, entry in declared.items() if ":" not in key}
    assert [key for key, _, _ in rows] == list(own)
    for key, default, sentence in rows:
        value = own[key]["default"]
        text = value if isinstance(value, str) else json.dumps(value)
        expected = "two: see [Pulumi.yaml](Pulumi.yaml)" if key == "renditions" else text and f"`{text}`"
        assert (default, sentence) == (expected, own[key]["description"]), key


def test_what_the_readme_links_to_is_there():
    """No relative link or picture leads nowhere."""
    links = re.findall(r"\]\((?!https?://)([^)#]+)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_make_target_that_the_readme_names_exists():
    """Each `make TARGET` can be typed."""
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"(?:`|\$ )make ([a-z-]+)", README))
    assert {"demo", "test"} <= targets
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
