"""Random wounds on random keys, random recipes, and audits that are cut short anywhere: in the end all is as it should be."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from tests.worker.audit.ward import BLUE, BROKEN, DAY, OUTPUT, RECIPES, RED, SOURCE, WEEK, Ward
from worker.audit import patrol
from worker.audit.audit import AGAIN
from worker.audit.wounds import WOUNDS

KEYS = ("a", "a-1", "a.jpg", "a.jpg.webp", "a.webp", "a.json", "a/b.jpg", "a b", "a.z", "avatars/x.jpg", "raw/y.jpg", "web/a", "faces/x.jpg",
        "manifest/a", "ä/ö.jpg", "z.JPG")  # fmt: skip
"""Where one is the beginning of another, or looks like an output, the two buckets are in different orders."""
NOT_OURS = ("audit.json", "web/mine.webp")
FOREIGN: Any = {"source-etag": '"0"', "recipe": "0"}
FOCI: Any = ({}, {"focus": "0,0"}, {"focus": "1,1"}, {"focus": "nowhere"})
WALKS = 150


def hurt(ward: Ward, random: Random) -> None:
    """Do something to a picture, with its event or without."""
    key, announced = random.choice(KEYS), random.random() < 0.4
    what = random.randrange(9)
    if what <= 2:
        data = random.choice((RED, BLUE, RED, BLUE, BROKEN))
        ward.put(key, data, announced=announced)
    elif what == 3:
        ward.put(
            key, random.choice((RED, BLUE)), announced=announced, parts=3, modified=ward.clock - random.random() * DAY
        )
    elif what == 4:
        ward.remove(key, announced=announced)
    elif what == 5 and (outputs := [each for each in ward.s3.keys(OUTPUT) if each not in NOT_OURS]):
        ward.s3.objects.pop((OUTPUT, random.choice(outputs)))
    elif what == 6:
        name, extension = random.choice((("square", "webp"), ("thumbnail", "png"), ("web", "webp"), ("big", "jpeg")))
        ward.clock += 1  # What is written in its manifest's second is found by a share (docs/reliability.md).
        ward.s3.store(OUTPUT, f"{name}/{key}.{extension}", b"half", **FOREIGN)
    elif what == 7 and (there := ward.s3.objects.get((SOURCE, key))):
        ward.put(key, there.data, announced=announced, **random.choice(FOCI))
    elif random.random() < 0.3:
        ward.deploy(random.choice(RECIPES))
    ward.clock += random.choice((0, 0, 0.2, 1, 100, DAY))


@pytest.mark.parametrize("seed", range(WALKS))
def test_everything_is_healed_by_the_next_audit(seed, monkeypatch):
    """Whatever was lost, deleted, left halfway or made by a former recipe; a second audit finds nothing."""
    random = Random(seed)
    monkeypatch.setattr(patrol, "_CHUNK", random.choice((1, 2, 5, 1000)))
    ward = Ward(delay=random.choice((0.3, 1.3)))
    ward.s3.store(OUTPUT, "web/mine.webp", b"mine")
    for _ in range(random.randrange(1, 5)):
        for _ in range(random.randrange(1, 25)):
            hurt(ward, random)
        ward.clock += WEEK
        ward.audit(seconds=random.choice((1, 900)))
        ward.deliver()
        assert ward.outputs() == ward.expected()
    letters = list(ward.letters)
    ward.clock += WEEK
    counts = ward.audit(seconds=1)
    assert [counts.get(kind, 0) for kind in (*WOUNDS, AGAIN)] == [0] * 6
    assert ward.hints == []
    assert ward.letters == letters
    assert ward.s3.objects[OUTPUT, "web/mine.webp"].data == b"mine"
