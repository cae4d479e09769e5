"""The queue under any order of calls, beside a plain model of it."""

import tempfile
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="needs sqlalchemy: pip install 'glyphic[serve]'")

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from glyphic.data.samples import read_folder
from glyphic.review.store import ConflictError, Store
from tests.review.readings import picture, reading

pytestmark = pytest.mark.slow

REVIEWERS = st.sampled_from(["ann", "ben", "cid"])
LEASE = 10.0


class Queue(RuleBasedStateMachine):
    """waiting: who holds what until when; decided: id -> (label, reviewer, when)."""

    ids = Bundle("ids")

    @initialize()
    def open(self):
        self.folder = tempfile.TemporaryDirectory()
        self.now = 1000.0
        self.store = Store(f"sqlite:///{self.folder.name}/q.db", lambda: self.now)
        self.texts, self.confidences, self.numbers = {}, {}, {}
        self.held, self.decided, self.log = {}, {}, {}  # log: (id, reviewer) -> what can be undone, the last last
        self.exports = 0

    def holder(self, id):
        reviewer, until = self.held.get(id, (None, 0.0))
        return reviewer if until > self.now else None

    @rule(target=ids, number=st.integers(0, 5), confidence=st.sampled_from([0.1, 0.5, 0.9]))
    def add(self, number, confidence):
        id = self.store.add(picture(number), reading(f"word {number}", confidence))
        assert self.numbers.setdefault(number, id) == id
        self.texts.setdefault(id, f"word {number}")
        self.confidences.setdefault(id, confidence)
        return id

    @rule(reviewer=REVIEWERS)
    def next(self, reviewer):
        item = self.store.next(reviewer, lease_seconds=LEASE)
        open_ = [id for id in self.texts if id not in self.decided and "skip" not in self.log.get((id, reviewer), [])]
        mine = [id for id in self.texts if id not in self.decided and self.holder(id) == reviewer]
        free = [id for id in open_ if self.holder(id) is None]
        wanted = min(mine or free, key=lambda id: (self.confidences[id], id), default=None)
        assert (item and item.id) == wanted
        if item:
            assert item.reading["text"] == self.texts[item.id]
            self.held[item.id] = (reviewer, self.now + LEASE)

    @rule(id=ids, reviewer=REVIEWERS, text=st.sampled_from([None, "right", "left"]))
    def decide(self, id, reviewer, text):
        kind, label = ("accept", self.texts[id]) if text is None else ("correct", text)
        refused = self.holder(id) not in (None, reviewer)
        again = False
        if id in self.decided:
            again = self.decided[id] == (kind, label, reviewer)
            refused = not again
        try:
            self.store.accept(id, reviewer) if text is None else self.store.correct(id, reviewer, text)
        except ConflictError:
            assert refused
            return
        assert not refused
        if not again:
            self.decided[id] = (kind, label, reviewer)
            self.log.setdefault((id, reviewer), []).append(kind)
            self.held.pop(id, None)

    @rule(id=ids, reviewer=REVIEWERS)
    def skip(self, id, reviewer):
        refused = id in self.decided or self.holder(id) not in (None, reviewer)
        try:
            self.store.skip(id, reviewer)
        except ConflictError:
            assert refused
            return
        assert not refused
        self.log.setdefault((id, reviewer), []).append("skip")
        self.held.pop(id, None)

    @rule(id=ids, reviewer=REVIEWERS)
    def undo(self, id, reviewer):
        last = self.log.get((id, reviewer), [])
        try:
            self.store.undo(id, reviewer, LEASE)
        except ConflictError:
            assert not last
            return
        kind = last.pop()
        if kind != "skip":
            del self.decided[id]
        if kind != "skip" or (id not in self.decided and self.holder(id) is None):
            self.held[id] = (reviewer, self.now + LEASE)

    @rule(seconds=st.sampled_from([1.0, 20.0]))
    def wait(self, seconds):
        self.now += seconds

    @rule()
    def open_again(self):
        self.store.close()
        self.store = Store(f"sqlite:///{self.folder.name}/q.db", lambda: self.now)

    @rule()
    def export(self):
        self.exports += 1
        out = Path(self.folder.name, f"out{self.exports}")
        assert self.store.export(out) == len(self.decided)
        assert {int(s.path.stem): s.text for s in read_folder(out)} == {id: d[1] for id, d in self.decided.items()}

    @invariant()
    def nothing_is_lost(self):
        if not hasattr(self, "store"):
            return
        kinds = [kind for kind, _, _ in self.decided.values()]
        assert self.store.counts() == {"waiting": len(self.texts) - len(kinds), "accepted": kinds.count("accept"),
                                       "corrected": kinds.count("correct")}

    def teardown(self):
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()


TestQueue = Queue.TestCase
TestQueue.settings = settings(max_examples=40, stateful_step_count=30, deadline=None,
                              suppress_health_check=[HealthCheck.too_slow])
