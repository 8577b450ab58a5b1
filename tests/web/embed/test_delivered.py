"""From an upload to a page of somebody else's: what is printed is loaded from the stack's delivery, and shown."""

from __future__ import annotations

import io
from contextlib import redirect_stdout

import numpy as np
import pytest
from PIL import Image

from local.engine import OUTPUTS, running
from ops.commands.cli import main
from tests.ops.support.workbench import Bench
from tests.web.chromium import chromium
from tests.web.embed.site import opened

pytestmark = [pytest.mark.stack, pytest.mark.soak]


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """Run the program with delivery."""
    with running(directory=tmp_path_factory.mktemp("delivered"), config={"delivery": {"enabled": True}}) as stack:
        yield stack


@pytest.fixture(scope="module")
def browser(stack):
    """Run Chromium after the stack: see `tests/web/conftest.py`."""
    with chromium() as launched:
        yield launched


def printed(stack, key):
    """Return what `python -m ops html` prints."""
    out = io.StringIO()
    with redirect_stdout(out):
        assert main(["--outputs", str(stack.directory / OUTPUTS), "html", key]) == 0
    return out.getvalue()


def png(colour):
    """Return a picture of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (1800, 1200), colour).save(file, "PNG")
    return file.getvalue()


def test_a_picture_and_its_replacement_are_shown_by_what_is_printed(stack, browser):
    """Whatever is in its key; the replacement is seen at once, though browser and edge keep the former one for a year."""
    bench, key, addresses = Bench(stack), 'cats/Tom, asleep & "snoring" 100 %.png', []
    for colour in ((255, 0, 0), (0, 0, 255)):
        bench.client("s3").delete_object(Bucket=stack["output_bucket"], Key=f"manifest/{key}.json")
        bench.upload(key, png(colour))
        bench.wait_for(key)
        markup = printed(stack, key)
        with opened(browser, f"<!doctype html><style>body {{ margin: 0 }}</style>{markup}") as page:
            page.wait_for_function("() => document.images[0].complete && document.images[0].naturalWidth")
            assert page.evaluate("document.images[0].naturalWidth") == 800
            shown = Image.open(io.BytesIO(page.locator("img").screenshot())).convert("RGB")
            assert np.allclose(np.asarray(shown), colour, atol=5)
            addresses.append(page.evaluate("document.images[0].currentSrc"))
    assert len(set(addresses)) == 2
    assert all(address.startswith(f"{stack['delivery_url']}/web/cats/Tom%2C%20asleep") for address in addresses)
