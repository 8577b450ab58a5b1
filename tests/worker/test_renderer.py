from __future__ import annotations

import pytest

from tests.worker.pictures import jpeg
from worker import renderer
from worker.errors import TooLarge
from worker.recipe import RenditionSpec
from worker.renderer import Renderer, Trial
from worker.store import Source
from worker.suspects.parent import render_apart

SPECS = (RenditionSpec("thumbnail", 16, 16),)


def source(data: bytes) -> Source:
    """Return a source of these bytes."""
    return Source("a.jpg", '"etag"', None, len(data), lambda: data)


@pytest.mark.parametrize("apart", [True, False])
def test_a_trial_decides_where_a_picture_is_rendered(monkeypatch, apart):
    """Only a picture that is tried apart gets a process, and what comes out is the same."""
    children = []

    def watch(*arguments, **options):
        children.append(arguments)
        return render_apart(*arguments, **options)

    monkeypatch.setattr(renderer, "render_apart", watch)
    rendered = Renderer(SPECS, 512 * 2**20)(source(jpeg()), ["thumbnail"], Trial(60, apart=apart))
    assert [(each.name, each.width, each.height) for each in rendered.renditions] == [("thumbnail", 16, 12)]
    assert len(children) == apart


@pytest.mark.parametrize("apart", [True, False])
def test_a_file_of_more_than_half_the_memory_is_refused_unread(apart):
    """The bytes alone would fill the memory, wherever they are rendered."""
    large = Source("a.jpg", '"etag"', None, 2**20, lambda: pytest.fail("downloaded"))
    with pytest.raises(TooLarge, match="workerMemory"):
        Renderer(SPECS, 2**20)(large, ["thumbnail"], Trial(60, apart=apart))
