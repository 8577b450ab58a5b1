from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from worker.contracts.errors import Reject, leaves
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS
from worker.images import Look, Rendered, Rendition, SourceFacts
from worker.rendering.wire import Order, dump_answer, load_answer

RENDITIONS = st.builds(
    Rendition,
    name=st.text(),
    data=st.binary(),
    width=st.integers(1, 99),
    height=st.integers(1, 99),
    content_type=st.text(),
)
RENDERED = st.builds(
    Rendered,
    source=st.builds(SourceFacts, format=st.text(), width=st.integers(1, 99), height=st.integers(1, 99)),
    renditions=st.lists(RENDITIONS, max_size=3).map(tuple),
    look=st.builds(Look, color=st.text(), placeholder=st.text(), thumbhash=st.text()),
    notes=st.lists(st.text(), max_size=2).map(tuple),
)


@given(RENDERED)
def test_renditions_arrive_as_they_were_sent(rendered):
    """Names, sizes, the look, notes and every byte survive the way through the pipe."""
    assert load_answer(dump_answer(rendered)) == rendered


@given(st.sampled_from(leaves(Reject)), st.text())
def test_a_verdict_arrives_as_it_was_sent(leaf, detail):
    """The class and the detail survive, whatever characters the detail has."""
    verdict = load_answer(dump_answer(leaf(detail)))
    assert isinstance(verdict, Reject)
    assert (type(verdict), verdict.detail) == (leaf, detail)


def test_an_order_is_one_line():
    """What follows the first line end is the picture."""
    order = Order(DEFAULT_RENDITIONS, ("web",), 512, 1.5)
    assert order.to_line().count(b"\n") == 1
    assert Order.from_line(order.to_line()) == order
