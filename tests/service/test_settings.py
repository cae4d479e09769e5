"""What an operator may choose."""

import math

import pytest

from glyphic.core.errors import OptionError
from glyphic.core.processors import processors
from glyphic.service.settings import Settings, usual_workers


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"waiting": -1}, {"largest": 0}, {"seconds": -1.0},
                                   {"review_below": 1.5}, {"drain": math.nan}])
def test_nonsense_is_refused_when_it_is_built(wrong):
    with pytest.raises(OptionError):
        Settings(**wrong)


def test_eight_requests_a_worker_may_wait_unless_told_otherwise():
    assert Settings(workers=3).queue == 24 and Settings(workers=3, waiting=0).queue == 0


@pytest.mark.parametrize(("files", "most"), [
    ({"cpu.max": "100000 100000\n"}, 1), ({"cpu.max": "50000 100000\n"}, 1), ({"cpu.max": "max 100000\n"}, None),
    ({"cpu/cpu.cfs_quota_us": "100000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 1),
    ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None), ({}, None),
])
def test_workers_are_as_many_as_the_control_group_has_cpus(tmp_path, files, most):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    free = processors(tmp_path / "nothing")
    assert processors(tmp_path) == (most or free) and free >= 1


def test_one_picture_more_than_cpus_is_read_at_a_time():
    assert Settings().workers == usual_workers() == processors() + 1
