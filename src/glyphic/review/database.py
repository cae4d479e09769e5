"""A URL becomes an engine whose transactions are what the queue relies on: whole, one writer an item, on the disk.

SQLite: a write-ahead log, so that readers and the writer do not wait for each other; synchronous=FULL, so that what was
committed is on the disk; and BEGIN IMMEDIATE for all that writes, since a transaction that reads first and writes later
fails where another wrote in between. PostgreSQL has its durability by default, and locks rows.
"""

import contextlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from glyphic.core.errors import GlyphicError, MissingExtraError, OptionError

VERSION = 1  # of the tables below; a change of them raises it, and tells how the older ones become it
PATIENCE = 60  # seconds that a writer of SQLite waits for the others
_LOCK = 0x676C7970  # which advisory lock of PostgreSQL is ours, while the tables are made


class Verbatim(sa.TypeDecorator[str]):
    """Any str of Python, kept as ASCII: PostgreSQL's text holds no NUL, and UTF-8 no half of a surrogate pair."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else json.dumps(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else str(json.loads(value))


_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # only INTEGER counts up by itself there
tables = sa.MetaData()

versions = sa.Table("glyphic_review", tables, sa.Column("version", sa.Integer, primary_key=True))

items = sa.Table(
    "glyphic_items", tables,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False),  # of the picture
    sa.Column("format", sa.String(8), nullable=False),  # the suffix of its file
    sa.Column("picture", sa.LargeBinary, nullable=False),
    sa.Column("reading_key", sa.String(64), nullable=False),  # the hash of notation and text
    sa.Column("notation", Verbatim, nullable=False),
    sa.Column("confidence", sa.Double, nullable=False),
    sa.Column("reading", sa.Text, nullable=False),  # JSON in ASCII
    sa.Column("added", sa.Double, nullable=False),  # all times: seconds since 1970, UTC
    sa.Column("leased_to", Verbatim),
    sa.Column("leased_until", sa.Double, nullable=False, default=0.0),
    sa.Column("decision", sa.String(8)),  # "accept" or "correct"; none: it waits
    sa.Column("label", Verbatim),
    sa.Column("decided_by", Verbatim),
    sa.Column("decided", sa.Double),
    sa.UniqueConstraint("sha256", "reading_key"),
    sa.Index("glyphic_items_waiting", "decision", "confidence", "id"),
    sqlite_autoincrement=True,  # the id of a purged item is never given again
)

decisions = sa.Table(  # the log: a row is never changed but for `undone`
    "glyphic_decisions", tables,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("item", _Id, sa.ForeignKey("glyphic_items.id"), nullable=False, index=True),
    sa.Column("reviewer", Verbatim, nullable=False),
    sa.Column("decision", sa.String(8), nullable=False),  # "accept", "correct" or "skip"
    sa.Column("label", Verbatim),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("undone", sa.Double),
    sqlite_autoincrement=True,
)


def connect(url: str) -> sa.Engine:
    """The engine of a queue, its tables made where there are none.

    Errors: OptionError for a URL of neither SQLite nor PostgreSQL, or of a database in memory; MissingExtraError where
    the driver is not installed; GlyphicError for what cannot be opened or was made by a newer Glyphic.
    """
    wanted = "sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE"
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise OptionError(f"a review queue is at {wanted}; the URL that was given is none") from None
    shown = parsed.render_as_string(hide_password=True)
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise OptionError(f"a review queue is at {wanted}; got {shown}")
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise OptionError(f"a review queue outlives the program that made it; give {wanted}, not {shown}")
    try:
        engine = sa.create_engine(parsed, pool_pre_ping=True)
    except ImportError as error:
        raise MissingExtraError(f"a review queue at {shown}", "postgres") from error
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    try:
        _patiently(lambda: _make_tables(engine, shown))
    except sa.exc.SQLAlchemyError as error:
        engine.dispose()
        raise GlyphicError(f"the review queue {shown} cannot be opened: {getattr(error, 'orig', error)}") from error
    except GlyphicError:
        engine.dispose()
        raise
    return engine


@contextlib.contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that may write: its block's end commits it, an exception undoes it."""
    with engine.begin() as connection:
        yield connection


@contextlib.contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that sees the database as it was at one moment, and keeps no writer waiting."""
    level = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {"only_reads": True}
    with engine.connect() as connection, connection.execution_options(**level).begin():
        yield connection


def _prepare_sqlite(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself: on_begin does
        for pragma in (f"busy_timeout={1000 * PATIENCE}", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode=WAL")

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        only_reads = connection.get_execution_options().get("only_reads", False)
        connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


def _patiently(make: Callable[[], None]) -> None:
    """Several processes that open a new file of SQLite at once: its change to a write-ahead log does not wait."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return make()
        except sa.exc.OperationalError as error:
            locked = getattr(error.orig, "sqlite_errorcode", None) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if not locked or time.monotonic() > end:
                raise
            time.sleep(0.05)


def _make_tables(engine: sa.Engine, shown: str) -> None:
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        tables.create_all(connection, [versions])
        found = connection.scalar(sa.select(sa.func.max(versions.c.version)))
        if found is not None and found > VERSION:
            raise GlyphicError(f"the review queue {shown} was made by a newer Glyphic: it is of version {found}, this "
                               f"one knows {VERSION}; update Glyphic, or give another URL")
        tables.create_all(connection)
        if found is None:
            connection.execute(versions.insert().values(version=VERSION))
