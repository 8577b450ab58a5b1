"""The short form of `make chaos`: 200 pictures over 50 keys, and two changes of the recipes, on the whole stack."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from chaos import report
from chaos.dashboard.drawing import draw
from chaos.dashboard.reading import Window
from chaos.faults.requests import KINDS
from chaos.pictures.poison import DEADLY
from chaos.plan import plan
from chaos.run import MINUTE, run

pytestmark = [pytest.mark.stack, pytest.mark.soak, pytest.mark.timeout(300)]

SEED = 4


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """Run once, and draw the dashboard while the stack is there."""
    drawn: list[str] = []

    def observe(stack, began):
        drawn.append(draw(Window(stack, began, MINUTE).rows(), "A short run"))

    print(f"seed {SEED}")  # noqa: T201 - of a run that fails
    directory = tmp_path_factory.mktemp("chaos")
    result = run(plan(SEED, 200, 50, changes=2), directory, lambda *_: None, interval=10, observe=observe)
    print(report.rows(result))  # noqa: T201 - same
    return result, drawn[0]


def test_nothing_is_stale_lost_or_wrongly_rejected(outcome):
    """Workers killed, requests failing, recipes deployed, events doubled and late, poison among the pictures: every promise holds."""
    result, _ = outcome
    assert report.failures(result.findings) == []
    assert result.findings.ready + result.findings.ignored + result.findings.removed > 40
    assert result.findings.ignored > 0
    assert result.healed["outdated"] > 0


def test_the_run_was_as_bad_as_it_should_be(outcome):
    """Workers were killed, requests failed in every way, messages were tried again, both deadly pictures did harm."""
    result, _ = outcome
    assert result.kills > 0
    assert sum(result.counts.get(kind.name, 0) for kind in KINDS) > 0.02 * result.counts["passed"]
    assert result.attempts > 1
    assert set(DEADLY) <= set(result.findings.rejected)


def test_the_dashboard_can_be_drawn_of_it(outcome):
    """Every widget has its graph, with the data that the embedded AWS has of it."""
    _, svg = outcome
    texts = ["".join(each.itertext()) for each in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314 - our own
    assert {"Are pictures getting through?", "Rejected, by reason", "decoder-timeout", "Ready"} <= set(texts)
    assert svg.count("<polyline") > 15
