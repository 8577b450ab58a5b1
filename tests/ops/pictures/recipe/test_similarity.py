from __future__ import annotations

import pytest
from PIL import ImageFilter

from ops.pictures.recipe.similarity import ssim
from tests.worker.images.pictures import factories


def test_a_picture_is_like_itself_and_less_so_the_more_it_is_blurred():
    """1 for the same picture, and falling with every pixel of blur."""
    scene = factories.scene(200, 150)
    likeness = [ssim(scene, scene.filter(ImageFilter.BoxBlur(radius))) for radius in (0, 1, 2, 4)]
    assert likeness[0] == pytest.approx(1)
    assert likeness == sorted(likeness, reverse=True)
    assert likeness[1] - likeness[2] > 0.005


def test_pictures_of_different_sizes_are_not_compared():
    """A rendition of another size than the reference is an error, not a low figure."""
    with pytest.raises(ValueError, match="cannot be compared"):
        ssim(factories.scene(64, 48), factories.scene(48, 64))
