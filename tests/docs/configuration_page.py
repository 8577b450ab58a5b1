"""`python -m tests.docs.configuration_page` writes docs/configuration.md: every key of `Pulumi.yaml`, its default and what it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from infra.config.declaration import NAMED_BY_PEOPLE, declared, leaves
from local import ROOT

if TYPE_CHECKING:
    from infra.config.declaration import Declared

PAGE = ROOT / "docs" / "configuration.md"
_HEAD = """# Configuration

Every key has a default, in [Pulumi.yaml](../Pulumi.yaml), from which this page is written. What a stack sets is laid over it **part by
part**. Change `Pulumi.dev.yaml`, or run:

```sh
pulumi config set --stack dev --path image-pipeline:worker.memory 1024
pulumi config rm --stack dev --path image-pipeline:worker.memory
pulumi config set --stack dev aws:region eu-west-1
pulumi up --stack dev
```

`--path` belongs to every key with a dot. A wrong value or key stops the program before anything is deployed; the error names the commands
that correct it. Another stack has its own names, and a file that its first `config set` makes. `stack init` selects it: keep `--stack` in
every command.

```sh
pulumi stack init prod
pulumi up --stack prod
```

"""
_EXAMPLES = {
    "renditions": """
```sh
pulumi config set --stack dev --path image-pipeline:renditions.thumbnail.width 320
pulumi config set --stack dev --path image-pipeline:renditions.thumbnail.height 320
pulumi config set --stack dev --path image-pipeline:renditions.web false
```

In `Pulumi.dev.yaml`:

```yaml
config:
  image-pipeline:renditions:
    hero: {width: 2400, height: 1200, fit: cover}
    web: {format: avif}
```

Pictures that are there get them by [a backfill](operations.md#a-changed-recipe), which also deletes those no longer made.
""",
    "recipes": """
Squares of 96 pixels and no web version below `avatars/`, nothing below `raw/`:

```yaml
config:
  image-pipeline:recipes:
    avatars/:
      thumbnail: {width: 96, height: 96, fit: cover}
      web: false
    raw/: false
```
""",
    "subscribers": """
```sh
pulumi config set --stack dev --path image-pipeline:subscribers.search.protocol sqs
pulumi config set --stack dev --path 'image-pipeline:subscribers.search.filter.type[0]' image.ready
pulumi config set --stack dev --path image-pipeline:subscribers.search.filter.prefix cats/
```

[completion.md](completion.md) has the messages, the filters and what is promised.
""",
    "source": """
```sh
pulumi config set --stack dev --path image-pipeline:source.prefix photos/
pulumi config set --stack dev --path 'image-pipeline:source.suffixes[0]' .jpg
```
""",
    "archive": """
```sh
pulumi config set --stack dev --path image-pipeline:archive.afterDays 90
```

What it saves and what reading costs: [costs.md](costs.md).
""",
    "tags": """
```sh
pulumi config set --stack dev --path image-pipeline:tags.team web
```
""",
    "alarms": """
```sh
pulumi config set --stack dev --path image-pipeline:alarms.email you@example.org
```
""",
    "page": """
```sh
pulumi config set --stack dev --secret --path image-pipeline:page.access.code
```

[upload-page.md](upload-page.md) says how the page works and who may do what.
""",
}


def configuration_page() -> str:
    """Return what the page must hold."""
    return _HEAD + "\n".join(_section(key, entry) for key, entry in declared().items())


def _section(key: str, entry: Declared) -> str:
    defaults = {".".join(path): default for path, default in leaves(entry.default).items()}
    whole = f" Default {_shown(entry.default)}." if key in NAMED_BY_PEOPLE or not entry.parts else ""
    rows = [_row(name, sentence, defaults, in_rows=not whole) for name, sentence in entry.parts.items()]
    head = "| part | default | what |\n|---|---|---|\n" if not whole else "| part | what |\n|---|---|\n"
    table = f"\n{head}{''.join(rows)}" if rows else ""
    return f"## {key}\n\n{entry.sentence}{whole}\n{table}{_EXAMPLES.get(key, '')}"


def _row(name: str, sentence: str, defaults: dict[str, Any], *, in_rows: bool) -> str:
    return f"| `{name}` | {_shown(defaults[name])} | {sentence} |\n" if in_rows else f"| `{name}` | {sentence} |\n"


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"`{text}`" if text else "none"


if __name__ == "__main__":
    PAGE.write_text(configuration_page())
