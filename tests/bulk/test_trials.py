"""What a successor learns from the journal of a worker that died."""

import os

import pytest

from glyphic.bulk.trials import FRUITLESS, Trial
from glyphic.core.errors import GlyphicError


@pytest.fixture
def trial(tmp_path):
    """The next worker over the same shard: those before it are dead, whatever they had in hand."""
    path, found = tmp_path / "t" / "part.log", []

    def following(run="r", late=False):
        if late:
            path.with_suffix(".late").write_text("Timeout (0:00:01)!")
        found.append(Trial(path, run, 60.0))
        return found[-1]

    yield following
    for each in found:
        each.close()


def test_what_was_in_hand_is_under_suspicion_and_what_was_read_is_not(trial):
    first = trial()
    first.begin([3, 4, 5])
    first.end([4])
    second = trial()
    assert (second.suspects, second.condemned) == ([3, 5], {})


def test_what_ends_a_process_alone_and_again_is_condemned_and_stays_so(trial):
    trial().begin([0, 1, 2])
    for _ in range(2):
        found = trial()
        assert not found.condemned
        found._say("! 1")  # and it died
    found = trial()
    assert (found.suspects, found.condemned) == ([0, 2], {1: False})
    found.condemn()
    found.begin([7])
    assert (trial().suspects, trial().condemned) == ([0, 2, 7], {1: False})


def test_what_takes_too_long_alone_is_condemned_at_once(trial):
    trial().begin([0, 1])
    assert trial(late=True).condemned == {}  # both were in hand
    trial()._say("! 1")
    assert trial(late=True).condemned == {1: True}


def test_two_pictures_may_be_condemned_one_after_the_other(trial):
    trial().begin([0, 1])
    for number in (0, 0, 1, 1):
        found = trial()
        found.condemn()
        found._say(f"! {number}")
    assert trial().condemned == {0: False, 1: False}


def test_deaths_of_another_run_say_nothing(trial):
    trial("yesterday").begin([3])
    assert trial("today").suspects == []


def test_a_line_that_was_cut_short_is_no_harm(trial, tmp_path):
    first = trial()
    first.begin([3])
    with (tmp_path / "t" / "part.log").open("a") as file:
        file.write("+")
    assert trial().suspects == [3]


def test_nothing_is_left_of_a_shard_that_is_done(trial, tmp_path):
    trial().begin([1])
    trial().close()
    assert list((tmp_path / "t").iterdir()) == []


def test_workers_that_die_over_no_picture_in_particular_end_the_run(trial):
    for _ in range(FRUITLESS):
        trial()
    with pytest.raises(GlyphicError, match=r"workers died over the same inputs.*enough memory"):
        for _ in range(3):
            trial()


def test_a_picture_within_its_time_is_not_touched(trial):
    found = trial()
    with found.alone(0), found.together(1):
        pass
    assert os.path.getsize(found.late) == 0 and trial().suspects == []
