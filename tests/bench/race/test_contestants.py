from __future__ import annotations

import io

import pytest
from PIL import Image

from bench.function.cold_start import LEAST, WORKER, _start
from bench.race import contestants
from tests.worker.images.pictures import factories
from worker.contracts.recipes.by_prefix import one_recipe
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS


@pytest.mark.parametrize("name", ["worker", "plain", "limit"])
def test_every_contestant_makes_the_same_sizes(name):
    """Each makes a rendition of 256 and one of 1600 pixels, of the same shape."""
    data = factories.encode(factories.scene(2000, 1000), "JPEG")
    made = contestants.CONTESTANTS[name]("jpeg")(data)
    assert {side: Image.open(io.BytesIO(file)).size for side, file in made.items()} == {
        256: (256, 128),
        1600: (1600, 800),
    }


def test_both_sides_of_the_cold_start_render(tmp_path):
    """The programs that are compared end without an error, each in its own process."""
    picture = tmp_path / "picture.jpg"
    picture.write_bytes(factories.encode(factories.scene(320, 240), "JPEG"))
    recipe = tmp_path / "recipe.json"
    recipe.write_text(one_recipe(DEFAULT_RENDITIONS).to_json())
    assert min(_start(LEAST, str(picture)), _start(WORKER, str(picture), str(recipe))) > 0.1
