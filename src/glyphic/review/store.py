"""Pictures with their readings go in; one by one they are leased to a reviewer, and come back accepted or corrected.

What a call returned from is on the disk. Two reviewers never hold the same item: a lease is taken in one transaction,
under the writer's lock of SQLite or a row's lock of PostgreSQL. Every decision is also a row of a log, from which
nothing is deleted: `undo` marks it.
"""

import hashlib
import json
import math
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa

from glyphic import notations
from glyphic.core.errors import GlyphicError, NotationError, OptionError
from glyphic.review import dataset
from glyphic.review.database import connect, decisions, items, reading, writing

LEASE = 600.0  # seconds
NAME = 200  # characters of a reviewer's name


class UnknownItemError(GlyphicError, LookupError):
    """No item has this id."""

    def __init__(self, id: int):
        super().__init__(f"the review queue has no item {id}; it may have been purged, ask for the next one")


class ConflictError(GlyphicError):
    """The item is another reviewer's, or decided already."""


@dataclass(frozen=True)
class Item:
    """A reading that waits, as it is handed to a reviewer."""

    id: int
    notation: str
    reading: Mapping[str, Any]  # as `Recognition.to_json` gave it
    sha256: str  # of the picture
    format: str  # the suffix of the picture's file, as "png"
    leased_until: datetime  # UTC


class Store:
    """The queue in one database; several threads, processes and machines may have it open at once.

    url: sqlite:///FILE, or postgresql+psycopg://... where several machines share a queue. clock: seconds since 1970;
    machines that share a queue should agree on the time to a fraction of a lease.
    Errors: OptionError, MissingExtraError and GlyphicError as `glyphic.review.database.connect`.
    """

    def __init__(self, url: str = "sqlite:///queue.db", clock: Callable[[], float] = time.time):
        self._engine, self._clock = connect(url), clock

    def close(self) -> None:
        """Gives the connections back; the queue opens them again when it is used."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, picture: bytes, reading: Mapping[str, Any]) -> int:
        """A picture as its file has it, and the JSON of its Recognition -> the id of the item.

        The same picture with the same text in the same notation is one item, whatever else was measured.
        Errors: OptionError for no picture, or no reading.
        """
        try:
            notation, text, confidence = reading["notation"], reading["text"], float(reading["confidence"])
            spelled = json.dumps(reading, allow_nan=False)
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise OptionError(f"a reading is the JSON of a Recognition; this one is not: {error!r}") from error
        if not (isinstance(notation, str) and isinstance(text, str) and math.isfinite(confidence)):
            raise OptionError("a reading has a notation and a text, which are strings, and a confidence")
        if not picture:
            raise OptionError("the picture of a reading has no bytes; give those of its file")
        key = hashlib.sha256(json.dumps([notation, text]).encode()).hexdigest()
        sha256 = hashlib.sha256(picture).hexdigest()
        same = sa.select(items.c.id).where(items.c.sha256 == sha256, items.c.reading_key == key)
        values = {"sha256": sha256, "format": dataset.suffix(picture), "picture": picture, "reading_key": key,
                  "notation": notation, "confidence": confidence, "reading": spelled, "added": self._clock(),
                  "leased_until": 0.0}
        try:
            with writing(self._engine) as connection:
                found = connection.scalar(same)
                if found is None:
                    found = connection.execute(items.insert().values(values).returning(items.c.id)).scalar_one()
                return int(found)
        except sa.exc.IntegrityError:  # PostgreSQL: another added the same in between
            with writing(self._engine) as connection:
                return int(connection.execute(same).scalar_one())

    def next(self, reviewer: str, notation: str | None = None, lease_seconds: float = LEASE) -> Item | None:
        """The least confident item that waits, which is the reviewer's alone until the lease ends; None: none waits.

        Who asks again gets the same one again, with a new lease. What a reviewer skipped is for others.
        """
        reviewer, now = _name(reviewer), self._clock()
        if not (math.isfinite(lease_seconds) and lease_seconds > 0):
            raise OptionError(f"a lease lasts more than 0 seconds; got {lease_seconds}")
        skipped = sa.exists().where(decisions.c.item == items.c.id, decisions.c.reviewer == reviewer,
                                    decisions.c.decision == "skip", decisions.c.undone.is_(None))
        wanted: list[sa.ColumnElement[bool]] = [items.c.decision.is_(None)]
        if notation is not None:
            wanted.append(items.c.notation == notation)
        columns = sa.select(items.c.id, items.c.notation, items.c.reading, items.c.sha256, items.c.format)
        first = columns.where(*wanted).order_by(items.c.confidence, items.c.id).limit(1)
        mine = first.where(items.c.leased_to == reviewer, items.c.leased_until > now)
        free = first.where(~skipped, sa.or_(items.c.leased_to.is_(None), items.c.leased_until <= now))
        with writing(self._engine) as connection:
            row = (connection.execute(mine.with_for_update(of=items)).one_or_none()
                   or connection.execute(free.with_for_update(of=items, skip_locked=True)).one_or_none())
            if row is None:
                return None
            until = now + lease_seconds
            connection.execute(items.update().where(items.c.id == row.id).values(leased_to=reviewer,
                                                                                  leased_until=until))
        return Item(row.id, row.notation, json.loads(row.reading), row.sha256, row.format,
                    datetime.fromtimestamp(until, UTC))

    def picture(self, id: int) -> tuple[bytes, str]:
        """The bytes of an item's picture, and the suffix of its file; UnknownItemError for no item."""
        with self._reading() as connection:
            row = connection.execute(sa.select(items.c.picture, items.c.format).where(items.c.id == id)).one_or_none()
        if row is None:
            raise UnknownItemError(id)
        return bytes(row.picture), row.format

    def accept(self, id: int, reviewer: str) -> None:
        """The reading is right. Errors: as `correct`; a NotationError is of a reading that its notation cannot hold."""
        self._decide(id, reviewer, "accept", None)

    def correct(self, id: int, reviewer: str, text: str) -> None:
        """The reading is `text`, which is kept in its canonical spelling. The same decision again changes nothing.

        Errors, all of which leave the item as it was: NotationError for what the notation cannot hold;
        UnknownItemError; ConflictError for an item that another reviewer holds, or that is decided otherwise.
        """
        self._decide(id, reviewer, "correct", text)

    def skip(self, id: int, reviewer: str) -> None:
        """The item is left to other reviewers. Errors: UnknownItemError, ConflictError."""
        reviewer, now = _name(reviewer), self._clock()
        with writing(self._engine) as connection:
            row = self._locked(connection, id)
            if row.decision is not None:
                raise ConflictError(f"item {id} is decided already, by {row.decided_by!r}")
            self._refuse_held(row, reviewer, now)
            self._log(connection, id, reviewer, "skip", None, now)
            connection.execute(items.update().where(items.c.id == id).values(leased_to=None, leased_until=0.0))

    def undo(self, id: int, reviewer: str, lease_seconds: float = LEASE) -> None:
        """Takes back what the reviewer last decided on this item; unless another holds it, it is the reviewer's again.

        Errors: UnknownItemError; ConflictError where the reviewer has decided nothing on it.
        """
        reviewer, now = _name(reviewer), self._clock()
        last = (sa.select(decisions.c.id, decisions.c.decision)
                .where(decisions.c.item == id, decisions.c.reviewer == reviewer, decisions.c.undone.is_(None))
                .order_by(decisions.c.id.desc()).limit(1))
        with writing(self._engine) as connection:
            row = self._locked(connection, id)
            found = connection.execute(last).one_or_none()
            if found is None:
                raise ConflictError(f"{reviewer!r} has decided nothing on item {id} that could be undone")
            connection.execute(decisions.update().where(decisions.c.id == found.id).values(undone=now))
            if found.decision != "skip":
                connection.execute(items.update().where(items.c.id == id).values(
                    decision=None, label=None, decided_by=None, decided=None, leased_to=reviewer,
                    leased_until=now + lease_seconds))
            elif row.decision is None and (row.leased_to is None or row.leased_until <= now):
                connection.execute(items.update().where(items.c.id == id).values(leased_to=reviewer,
                                                                                 leased_until=now + lease_seconds))

    def counts(self) -> dict[str, int]:
        """How many items wait (those in a reviewer's hands among them), and how many are accepted and corrected."""
        with self._reading() as connection:
            rows = connection.execute(sa.select(items.c.decision, sa.func.count()).group_by(items.c.decision))
            found = {decision: int(count) for decision, count in rows}
        return {"waiting": found.get(None, 0), "accepted": found.get("accept", 0), "corrected": found.get("correct", 0)}

    def export(self, folder: str | Path, since: datetime | None = None, notation: str | None = None) -> int:
        """Writes what was decided (not before `since`) as a data set; returns how many pictures it has.

        `folder` gets images/, labels.tsv (path<TAB>label, labels in their canonical spelling) and decisions.tsv (path,
        notation, decision, reviewer, time). Data sets are of one notation: where several were decided and `notation`
        names none, each has a folder of its name within. Another folder is written first and then renamed: `folder` is
        there as a whole or not at all.
        Errors: OptionError for a folder that is there already and not empty.
        """
        with dataset.whole(Path(folder)) as beside, self._reading() as connection:
            wanted: list[sa.ColumnElement[bool]] = [items.c.decision.is_not(None)]
            if since is not None:
                wanted.append(items.c.decided >= since.timestamp())
            if notation is not None:
                wanted.append(items.c.notation == notation)
            columns = (items.c.id, items.c.notation, items.c.format, items.c.decision, items.c.label,
                       items.c.decided_by, items.c.decided)
            rows = connection.execute(sa.select(*columns).where(*wanted).order_by(items.c.id)).all()

            def picture(id: int) -> bytes:  # one at a time: they may be many, and large
                return bytes(connection.execute(sa.select(items.c.picture).where(items.c.id == id)).scalar_one())

            dataset.write(beside, rows, picture)
        return len(rows)

    def purge(self, decided_before: datetime) -> int:
        """Deletes the items that were decided before then, with their pictures and log; returns how many."""
        with writing(self._engine) as connection:
            old = sa.select(items.c.id).where(items.c.decided < decided_before.timestamp())
            ids = connection.execute(old.with_for_update()).scalars().all()
            for id in ids:
                connection.execute(decisions.delete().where(decisions.c.item == id))
                connection.execute(items.delete().where(items.c.id == id))
        return len(ids)

    def _decide(self, id: int, reviewer: str, decision: str, text: str | None) -> None:
        reviewer = _name(reviewer)
        with self._reading() as connection:
            found = connection.execute(sa.select(items.c.notation, items.c.reading)
                                       .where(items.c.id == id)).one_or_none()
        if found is None:
            raise UnknownItemError(id)
        # before the transaction: a long text takes a while, and others wait for a writer of SQLite
        label = _label(found.notation, json.loads(found.reading)["text"] if text is None else text)
        with writing(self._engine) as connection:
            row, now = self._locked(connection, id), self._clock()
            if row.decision is not None:
                if (row.decision, row.label, row.decided_by) == (decision, label, reviewer):
                    return  # whoever heard no answer asks again
                raise ConflictError(f"item {id} is decided already, by {row.decided_by!r}"
                                    + ("; undo that first" if row.decided_by == reviewer else ""))
            self._refuse_held(row, reviewer, now)
            self._log(connection, id, reviewer, decision, label, now)
            connection.execute(items.update().where(items.c.id == id).values(
                decision=decision, label=label, decided_by=reviewer, decided=now, leased_to=None, leased_until=0.0))

    def _locked(self, connection: sa.Connection, id: int) -> Any:
        columns = (items.c.decision, items.c.label, items.c.decided_by, items.c.leased_to, items.c.leased_until)
        row = connection.execute(sa.select(*columns).where(items.c.id == id).with_for_update()).one_or_none()
        if row is None:
            raise UnknownItemError(id)
        return row

    def _refuse_held(self, row: Any, reviewer: str, now: float) -> None:
        """A lease that ended, with nobody else on the item, costs the reviewer nothing."""
        if row.leased_to not in (None, reviewer) and row.leased_until > now:
            raise ConflictError(f"{row.leased_to!r} is looking at this item; ask for the next one")

    def _log(self, connection: sa.Connection, id: int, reviewer: str, decision: str, label: str | None,
             now: float) -> None:
        connection.execute(decisions.insert().values(item=id, reviewer=reviewer, decision=decision, label=label,
                                                     at=now))

    def _reading(self) -> AbstractContextManager[sa.Connection]:
        return reading(self._engine)


def _name(reviewer: str) -> str:
    """Who reviews; OptionError for what would not stand in a line of decisions.tsv."""
    if not 0 < len(reviewer) <= NAME or not reviewer.isprintable() or reviewer.isspace():
        raise OptionError(f"a reviewer's name has 1 to {NAME} printable characters; got {reviewer[:NAME]!r}")
    return reviewer


def _label(notation: str, text: str) -> str:
    """The canonical spelling; NotationError for what the notation cannot hold, or a line of labels.tsv."""
    label = notations.get(notation).normalize(text)
    for position, character in enumerate(label):
        if character in "\r\n" or "\ud800" <= character <= "\udfff":
            raise NotationError(f"a label stands in a line of UTF-8; it cannot hold {character!r}", label, position)
    return label
