"""What an audit finds, and that its hints heal all of it."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from tests.worker.audit.ward import BLUE, BROKEN, DAY, HOUR, OUTPUT, RECIPES, RED, SOURCE, WEEK, Ward
from worker.audit import patrol
from worker.audit.audit import AGAIN, LOOKS
from worker.audit.buckets import Buckets
from worker.audit.state import StateFile
from worker.audit.wounds import (
    ARCHIVED,
    FINE,
    IGNORED,
    INCOMPLETE,
    LEFTOVERS,
    MISSING,
    ORPHANED,
    OUTDATED,
    REJECTED,
    SHARES,
    TOO_YOUNG,
    WOUNDS,
)
from worker.contracts.errors import Conflict
from worker.contracts.events import keys_of
from worker.contracts.recipes.by_prefix import Recipes

LONG = "k" * 1020


@pytest.fixture
def ward():
    """Two pictures that are ready, a day ago, and audits that trust the recipes."""
    ward = Ward()
    for key in ("a.jpg", "cats/tom.jpg"):
        ward.put(key, RED)
        ward.clock += 5
    for _ in range(2):
        ward.clock += WEEK
        ward.audit()
    ward.clock += DAY
    return ward


def next_audit(ward: Ward) -> dict[str, int]:
    """Return the counts of the next audit that is due, without zeros."""
    ward.clock += WEEK
    return {kind: count for kind, count in ward.audit().items() if count}


def lost_upload(ward):
    """No outputs at all."""
    ward.put("b.jpg", RED, announced=False)
    return MISSING


def lost_replacement(ward):
    """A younger source."""
    ward.put("a.jpg", BLUE, announced=False)
    return OUTDATED


def lost_replacement_in_the_same_second(ward):
    """Which a listing cannot tell from one that was rendered."""
    ward.put("a.jpg", BLUE)
    manifest = ward.s3.objects[OUTPUT, "manifest/a.jpg.json"]
    ward.put("a.jpg", RED, announced=False, modified=manifest.modified)
    return OUTDATED


def lost_replacement_in_parts(ward):
    """S3 dates it by the beginning of its upload."""
    ward.put("a.jpg", BLUE, announced=False, parts=2, modified=ward.clock - 30 * DAY)
    return OUTDATED


def lost_copy_with_another_focus(ward):
    """A younger source of the same bytes."""
    ward.put("faces/tom.jpg", RED, focus="0.5,0.5")
    ward.clock += 60
    ward.put("faces/tom.jpg", RED, announced=False, focus="0,0")
    return OUTDATED


def lost_copy_without_its_focus(ward):
    """In the same second as the manifest."""
    ward.put("faces/tom.jpg", RED, focus="0.5,0.5")
    manifest = ward.s3.objects[OUTPUT, "manifest/faces/tom.jpg.json"]
    ward.put("faces/tom.jpg", RED, announced=False, modified=manifest.modified)
    return OUTDATED


def lost_deletion(ward):
    """Outputs alone."""
    ward.remove("a.jpg", announced=False)
    return ORPHANED


def rendition_deleted_by_hand(ward):
    """One of two."""
    del ward.s3.objects[OUTPUT, "web/a.jpg.webp"]
    return INCOMPLETE


def manifest_deleted_by_hand(ward):
    """Nothing says that it is done."""
    del ward.s3.objects[OUTPUT, "manifest/a.jpg.json"]
    return INCOMPLETE


def file_of_a_former_recipe(ward):
    """It is not in the recipe."""
    ward.s3.store(OUTPUT, "square/a.jpg.webp", b"old", **{"source-etag": '"x"', "recipe": "former"})
    return LEFTOVERS


def half_of_a_second_hand(ward):
    """A rendition younger than the manifest."""
    ward.s3.store(OUTPUT, "web/a.jpg.webp", b"old", **{"source-etag": '"x"', "recipe": "former"})
    return OUTDATED


def rendition_without_source(ward):
    """Without a manifest, too."""
    ward.s3.store(OUTPUT, "web/gone.jpg.webp", b"old", **{"source-etag": '"x"', "recipe": "former"})
    return ORPHANED


def outputs_of_an_ignored_folder(ward):
    """From before it was ignored."""
    ward.s3.store(SOURCE, "raw/a.jpg", RED)
    ward.s3.store(OUTPUT, "web/raw/a.jpg.webp", b"old", **{"source-etag": '"x"', "recipe": "former"})
    return ORPHANED


PLANTED = (
    lost_upload,
    lost_replacement,
    lost_replacement_in_the_same_second,
    lost_replacement_in_parts,
    lost_copy_with_another_focus,
    lost_copy_without_its_focus,
    lost_deletion,
    rendition_deleted_by_hand,
    manifest_deleted_by_hand,
    file_of_a_former_recipe,
    half_of_a_second_hand,
    rendition_without_source,
    outputs_of_an_ignored_folder,
)
WITHOUT_TIME = (lost_replacement_in_parts, lost_deletion, rendition_deleted_by_hand, manifest_deleted_by_hand)
"""The listing does not show when these happened: where they are under way, their hint finds nothing to do."""


@pytest.mark.parametrize("plant", PLANTED)
def test_a_wound_is_found_and_healed_by_the_next_audit(ward, plant):
    """Each kind, by its name; one audit later there is none any more, and none was found twice."""
    kind = plant(ward)
    counts = next_audit(ward)
    assert {each: counts.get(each, 0) for each in WOUNDS} == {each: int(each == kind) for each in WOUNDS}
    ward.deliver()
    assert ward.outputs() == ward.expected()
    ward.clock += DAY
    counts = next_audit(ward)
    assert [counts.get(each, 0) for each in (*WOUNDS, AGAIN)] == [0] * 6
    assert ward.letters == []


@pytest.mark.parametrize("plant", [each for each in PLANTED if each not in WITHOUT_TIME])
def test_what_may_be_under_way_is_no_wound(ward, plant):
    """Within the hour its own message is probably still there, or the worker at it."""
    plant(ward)
    before = ward.clock
    ward.clock = ward.state()["began"] + WEEK
    shift = ward.clock - before
    young = {place: each for place, each in ward.s3.objects.items() if each.modified > before - HOUR}
    for place, each in young.items():
        ward.s3.objects[place] = type(each)(each.data, each.etag, each.modified + shift, each.metadata)
    counts = ward.audit()
    assert ward.hints == []
    assert counts[TOO_YOUNG] > 0


def test_an_event_is_lost_for_no_longer_than_the_period(ward):
    """However an event is lost, at whatever moment, the audit that begins within a period of it and an hour heals it."""
    random = Random(7)
    for number in range(20):
        ward.clock += random.uniform(0, WEEK)
        plant = random.choice(PLANTED)
        ward.put("a.jpg", RED)
        ward.clock += 60
        plant(ward)
        ward.clock = max(ward.clock, ward.state()["began"] + WEEK) + HOUR + number
        ward.audit()
        ward.deliver()
        assert ward.outputs() == ward.expected(), plant.__name__


def test_one_share_of_those_that_look_well_is_looked_at_each_time(ward):
    """An older version that is back because the latest was deleted leaves no trace in times: it is found within all shares."""
    ward.put("a.jpg", BLUE)
    ward.put("a.jpg", RED, announced=False, modified=ward.clock - 30 * DAY)
    found = [next_audit(ward).get(OUTDATED, 0) for _ in range(SHARES)]
    assert sum(found) == 1
    ward.deliver()
    assert ward.outputs() == ward.expected()


def test_an_older_focus_that_is_back_is_found_by_the_same_shares(ward):
    """The version before had the same bytes and another focus."""
    ward.put("faces/tom.jpg", RED, focus="0,0")
    ward.put("faces/tom.jpg", RED, announced=False, modified=ward.clock - 30 * DAY)
    found = [next_audit(ward).get(OUTDATED, 0) for _ in range(SHARES)]
    assert sum(found) == 1
    ward.deliver()
    assert ward.outputs() == ward.expected()


@pytest.mark.parametrize("key", ["faces/tom.jpg", "b.jpg"])
def test_a_focus_that_changes_nothing_is_found_in_order_each_time(ward, key):
    """The same one in other words, or any where nothing is cropped."""
    ward.put(key, RED, focus="0.5,0.5")
    ward.clock += 60
    ward.put(key, RED, announced=False, focus=".50, .50" if key == "faces/tom.jpg" else "0,0")
    for _ in range(2):
        assert next_audit(ward)[FINE] == 3
        assert ward.hints == []


def test_an_original_that_is_gone_before_its_focus_is_read_is_left_to_its_event(ward, monkeypatch):
    """It was listed, and deleted since."""
    lost_copy_with_another_focus(ward)
    monkeypatch.setattr(Buckets, "focus", lambda *_: None)
    assert next_audit(ward)[FINE] == 3


def test_a_rejected_picture_is_left_alone(ward):
    """No second dead letter, no alarm: its manifest is the verdict on this version, and stays until there is another."""
    ward.put("broken.jpg", BROKEN)
    ward.put("a.jpg", BROKEN)  # Its former renditions stay.
    letters = list(ward.letters)
    for _ in range(3):
        counts = next_audit(ward)
        assert (counts[FINE] + counts[REJECTED], ward.hints) == (3, [])
    assert ward.letters == letters


def test_what_has_to_be_restored_is_left_alone(ward):
    """Or a changed recipe would make a dead letter of each archived original, a week after."""
    for key in ("a.jpg", "b.jpg"):
        ward.put(key, RED, announced=key == "a.jpg")
        ward.s3.objects[SOURCE, key] = replace(ward.s3.objects[SOURCE, key], storage_class="DEEP_ARCHIVE")
    ward.deploy(RECIPES[1])
    counts = next_audit(ward)
    assert (counts[ARCHIVED], counts.get(MISSING)) == (2, None)
    assert [key for body in ward.hints for key in keys_of(body, SOURCE)] == ["cats/tom.jpg"]


def test_a_key_that_is_too_long_is_left_alone(ward):
    """It has no manifest, and never will."""
    ward.put(LONG, RED)
    counts = next_audit(ward)
    assert (counts[REJECTED], ward.hints) == (1, [])


def test_ignored_folders_and_a_console_s_folders_are_left_alone(ward):
    """No outputs is what they should have."""
    ward.s3.store(SOURCE, "raw/a.jpg", RED)
    ward.s3.store(SOURCE, "folder/", b"")
    counts = next_audit(ward)
    assert (counts[IGNORED], ward.hints) == (2, [])


def test_somebody_else_s_files_are_left_alone(ward):
    """Only what has the worker's marks is taken for an output of a picture that is gone."""
    for key in ("assets/logo.webp", "web/logo.webp", "index.html", "web/readme.txt", "Old Things/a.webp", "web/.webp"):
        ward.s3.store(OUTPUT, key, b"mine")
    next_audit(ward)
    assert ward.hints == []


def test_expired_outputs_are_no_wounds(ward):
    """Where the lifecycle deletes outputs, an audit does not have them made again; what it finds of younger ones is."""
    ward.expire_after = 10 * DAY
    for key in [key for key in ward.s3.keys(OUTPUT) if "tom" in key]:
        del ward.s3.objects[OUTPUT, key]
    ward.put("new.jpg", RED, announced=False)
    assert next_audit(ward)[MISSING] == 1
    assert [key for body in ward.hints for key in keys_of(body, SOURCE)] == ["new.jpg"]


def test_a_source_that_was_written_anew_with_the_same_bytes_is_found_in_order_each_time(ward):
    """The listing shows it as younger than its manifest for ever: the look settles it, no hint does."""
    ward.put("a.jpg", RED)
    for _ in range(2):
        counts = next_audit(ward)
        assert ward.hints == []
        assert counts[FINE] == 2


def test_where_the_listing_suffices_there_is_no_head(ward):
    """A hundred pictures cost their LISTs, and looks at one share of them."""
    for number in range(100):
        ward.put(f"many/{number:03}.jpg", RED)
        ward.clock += 2
    ward.clock += DAY
    del ward.s3.requests[:]
    counts = next_audit(ward)
    assert counts[FINE] == 102
    assert 0 < counts[LOOKS] == ward.s3.requests.count("HEAD") < 3 * 102 * 2 / SHARES


def test_after_a_change_of_the_recipes_everything_is_looked_at_until_all_is_current(ward):
    """The names of the renditions do not show that their sizes have changed."""
    ward.put("avatars/a.jpg", RED)
    ward.clock += DAY
    ward.deploy(RECIPES[1])
    counts = next_audit(ward)
    assert counts == {OUTDATED: 2, INCOMPLETE: 1, LOOKS: counts[LOOKS]}
    ward.deliver()
    assert ward.outputs() == ward.expected()
    counts = next_audit(ward)
    assert counts[LOOKS] >= counts[FINE] == 3
    ward.put("a.jpg", RED)
    assert next_audit(ward).get(LOOKS, 0) < 5


def test_recipes_that_change_in_the_middle_of_an_audit_are_not_trusted_after_it(ward, monkeypatch):
    """What was judged by the former ones before has to be looked at again."""
    monkeypatch.setattr(patrol, "_CHUNK", 1)
    ward.clock += WEEK
    with pytest.raises(AssertionError):
        ward.audit(invocations=1, seconds=1)
    ward.deploy(RECIPES[1])
    ward.audit()
    assert ward.state()["trusted"] == ward.state()["looked"] == ""
    next_audit(ward)
    ward.deliver()
    assert ward.outputs() == ward.expected()


def test_what_is_found_again_is_counted(ward):
    """A hint that heals nothing is for people; another version of the picture is another wound."""
    lost_upload(ward)
    assert next_audit(ward).get(AGAIN, 0) == 0
    assert next_audit(ward)[AGAIN] == 1
    ward.put("b.jpg", BLUE, announced=False)
    assert next_audit(ward).get(AGAIN, 0) == 0


def test_an_audit_begins_once_a_period(ward):
    """The schedule calls far more often; most calls read the state and end."""
    with pytest.raises(AssertionError):
        ward.audit(invocations=3)
    ward.clock = ward.state()["began"] + WEEK - 900
    assert ward.audit()[FINE] == 2


def test_two_invocations_at_once_are_one(ward):
    """The second one finds that the state is not what it had read, and ends."""
    first, second = StateFile(ward.s3, OUTPUT), StateFile(ward.s3, OUTPUT)
    state = first.read()
    second.save(second.read().begun(1, "x"))
    with pytest.raises(Conflict):
        first.save(state.begun(2, "x"))


def test_hints_that_sqs_does_not_take_are_sent_by_the_next_invocation(ward, monkeypatch):
    """Nothing is saved before it is sent."""
    lost_upload(ward)
    ward.clock += WEEK
    refusal = {"Failed": [{"Id": "0", "Code": "InternalError"}]}
    with monkeypatch.context() as patched:
        patched.setattr(Ward, "send_message_batch", lambda *_, **__: refusal)
        with pytest.raises(Exception, match="InternalError"):
            ward.audit()
    assert ward.audit()[MISSING] == 1
    assert len(ward.hints) == 1


def test_of_a_bucket_with_other_things_in_it_only_the_pictures_are_listed(ward):
    """Nobody's business is not even counted; what was made of it before is found by its outputs."""
    ward.put("zebra.jpg", RED, announced=False)
    ward.put("cats/kitty.jpg", RED, announced=False)
    ward.deploy(Recipes({"cats/": RECIPES[0].by_prefix[""], "cats/raw/": ()}))
    assert next_audit(ward) == {FINE: 1, MISSING: 1, ORPHANED: 1, LOOKS: 4}
    ward.deliver()
    assert ward.outputs() == ward.expected()


@pytest.mark.parametrize(
    ("scope", "prefix", "found"),
    [
        ("", "", ["a/1", "a/2", "b"]),
        ("a/", "", ["a/1", "a/2"]),
        ("", "a/", ["a/1", "a/2"]),
        ("a/", "a/2", ["a/2"]),
        ("a/2", "a", ["a/2"]),
        ("a/", "b", []),
    ],
)
def test_the_narrower_of_scope_and_prefix_is_listed(scope, prefix, found):
    """And nothing where they have nothing in common."""
    s3 = Ward().s3
    for key in ("a/1", "a/2", "b"):
        s3.store(SOURCE, key, RED)
    sources, *_ = Buckets(s3, SOURCE, OUTPUT, scope).streams(prefix=prefix)
    assert [each.of for each in sources] == found
