"""What a plan pins, what it refuses, and how it takes up new inputs."""

import pytest

from glyphic.bulk import plan as plans
from glyphic.bulk.options import Conditions, Options, identities
from glyphic.bulk.storage import Entry
from glyphic.core.errors import GlyphicError, OptionError, UnknownNameError
from glyphic.reading.bundle import Bundle

MODELS = {"text 1": "0" * 64}


def entries(*names: str) -> list[Entry]:
    return [Entry(name, f"/in/{name}") for name in names]


def settled(folder, listing, changes="refuse", source="/in", models=MODELS, **options):
    return plans.settle(folder, source, Options(**{"model": "text", "shard": 3, **options}), models, listing, changes)


def finish(plan, *numbers):
    for number in numbers:
        plan.path(plan.shards[number]).write_text("{}\n")


def test_shards_follow_from_the_sorted_inputs_and_the_size_alone(tmp_path):
    listing = entries(*"abcdefgh")
    plan = settled(tmp_path / "one", listing)
    other = settled(tmp_path / "two", listing, source="/elsewhere")
    assert [[e.name for e in plan.entries(shard)] for shard in plan.shards] == [[*"abc"], [*"def"], [*"gh"]]
    assert (plan.shards, plan.sha256, plan.count) == (other.shards, other.sha256, 8)
    assert plans.load(tmp_path / "one") == plan


def test_a_run_that_goes_on_has_the_plan_that_it_had(tmp_path):
    plan = settled(tmp_path, entries(*"abcd"))
    finish(plan, 0)
    assert settled(tmp_path, entries(*"abcd")) == plan


@pytest.mark.parametrize(("changed", "said"), [
    ({"shard": 4}, "shard was 3, now 4"),
    ({"spots": True}, "spots was false, now true"),
    ({"source": "/other"}, 'source was "/in", now "/other"'),
    ({"models": {"text 2": "1" * 64}}, r"models was text 1 \(00000000\), now text 2 \(11111111\)"),
])
def test_other_options_are_refused_and_it_is_said_which(tmp_path, changed, said):
    finish(settled(tmp_path, entries(*"abcd")), 0)
    with pytest.raises(OptionError, match=f"was begun otherwise: {said}. Give the same"):
        settled(tmp_path, entries(*"abcd"), **changed)


def test_as_long_as_no_shard_is_done_another_plan_takes_the_place_of_the_first(tmp_path):
    settled(tmp_path, entries(*"abcd"))
    assert settled(tmp_path, entries(*"xyz"), shard=1).count == 3


def test_other_inputs_are_refused_and_it_is_said_what_differs(tmp_path):
    finish(settled(tmp_path, entries(*"abcdefgh")), 0)
    moved = [*entries(*"abcd"), Entry("e", "/elsewhere/e")]
    with pytest.raises(OptionError, match=r"3 gone \(f, g, h\); 1 elsewhere \(e\)\. Read on with --changed-inputs"):
        settled(tmp_path, moved)
    with pytest.raises(OptionError, match=r"5 new \(aa, ab, ac, \.\.\.\)"):
        settled(tmp_path, sorted(entries(*"abcdefgh", "aa", "ab", "ac", "ad", "ae"), key=lambda e: e.name))


def test_new_inputs_can_be_left_out_or_come_after_the_others_in_shards_of_their_own(tmp_path):
    first = settled(tmp_path, entries(*"acef"))
    finish(first, 1)
    more = entries(*"abcdefg")
    assert settled(tmp_path, more, "keep") == first == settled(tmp_path, None, "keep")
    second = settled(tmp_path, more, "add")
    assert second.shards[:2] == first.shards and second.done(second.shards[1])
    assert [[e.name for e in second.entries(shard)] for shard in second.shards] == [[*"ace"], ["f"], [*"bdg"]]
    assert settled(tmp_path, more) == second == settled(tmp_path, more, "add")
    third = settled(tmp_path, entries(*"abcdefgh"), "add")
    assert [e.name for e in third.every()] == [*"acefbdgh"]


def test_to_keep_to_a_plan_there_must_be_one(tmp_path):
    with pytest.raises(OptionError, match="no plan with rows to keep to"):
        settled(tmp_path, None, "keep")


def test_a_folder_with_other_things_is_not_written_into(tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(OptionError, match=r"holds thesis\.tex and is no output"):
        settled(tmp_path, entries("a"))


def test_rows_without_their_plan_are_not_written_over(tmp_path):
    finish(settled(tmp_path, entries("a")), 0)
    (tmp_path / "plan.json").unlink()
    with pytest.raises(OptionError, match=r"holds part-000000\.jsonl and is no output"):
        settled(tmp_path, entries("a"))


def test_a_plan_of_another_version_or_that_is_damaged_is_refused(tmp_path):
    settled(tmp_path, entries("a"))
    text = (tmp_path / "plan.json").read_text()
    (tmp_path / "plan.json").write_text(text.replace('"format": 1', '"format": 9'))
    with pytest.raises(GlyphicError, match="of format 9"):
        plans.load(tmp_path)
    (tmp_path / "plan.json").write_text(text[:20])
    with pytest.raises(GlyphicError, match="cannot be read"):
        plans.load(tmp_path)


def test_nonsense_is_refused_before_anything_is_read():
    for options in ({"shard": 0}, {"file": "xml"}, {"threshold": 2}, {"alternatives": -1}):
        with pytest.raises(OptionError):
            Options(**options)
    for conditions in ({"workers": 0}, {"batch": 0}, {"seconds": 0}, {"changes": "maybe"}):
        with pytest.raises(OptionError):
            Conditions(**conditions)


def test_the_models_that_may_read_are_known_by_their_hashes_and_formats_by_their_notations():
    assert list(identities(Options("text"))) == [f"text {Bundle.load('text').version}"]
    assert {name.split()[0] for name in identities(Options("auto"))} >= {"formula", "molecule", "music", "text", "kind"}
    assert identities(Options("auto", ("mathml", "abc")))
    with pytest.raises(UnknownNameError, match=r"format of .*text 'mathml'"):
        identities(Options("text", ("mathml",)))
    with pytest.raises(UnknownNameError, match=r"there are: .*formula"):
        identities(Options("formulas"))
