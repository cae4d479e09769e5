"""Queues on SQLite, and on a PostgreSQL of our own where there is one."""

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
NOBODY = "nobody"  # PostgreSQL refuses to run as root


@pytest.fixture(autouse=True)
def _connections_end_with_their_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import sqlalchemy

    made, create = [], sqlalchemy.create_engine

    def create_engine(*arguments: Any, **options: Any) -> Any:
        made.append(create(*arguments, **options))
        return made[-1]

    monkeypatch.setattr(sqlalchemy, "create_engine", create_engine)
    yield
    for engine in made:
        engine.dispose()


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own; it listens in its folder only."""
    pytest.importorskip("psycopg", reason="needs psycopg: pip install 'glyphic[postgres]'")
    if not SERVERS:
        pytest.skip("needs PostgreSQL: apt-get install postgresql")
    root = os.geteuid() == 0
    if root and not shutil.which("runuser"):
        pytest.skip("PostgreSQL does not run as root, and there is no runuser: apt-get install util-linux")
    bin, prefix = SERVERS[-1].parent, ["runuser", "-u", NOBODY, "--"] if root else []
    folder = Path(tempfile.mkdtemp(prefix="glyphic-pg-", dir="/tmp"))  # a socket's path has 107 characters at most
    if root:
        shutil.chown(folder, NOBODY)

    def call(*command: object) -> None:
        done = subprocess.run([*prefix, *map(str, command)], cwd=folder, capture_output=True, text=True, timeout=600)
        if done.returncode:
            pytest.skip(f"PostgreSQL may not be started here (apt-get install postgresql): {done.stderr[-300:]}")

    data = folder / "data"
    try:
        call(bin / "initdb", "-D", data, "-U", "glyphic", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        # output to a file: a pipe would stay open as long as the server runs
        call(bin / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", f"-k {folder} -c listen_addresses=''",
             "start")
        try:
            yield f"postgresql+psycopg://glyphic@/postgres?host={folder}"
        finally:
            stop = [*prefix, str(bin / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"]
            subprocess.run(stop, cwd=folder, capture_output=True, timeout=600)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database, or a schema of one, with nothing in it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'queue.db'}"
    cluster = request.getfixturevalue("cluster")
    import psycopg

    name = f"q{uuid.uuid4().hex}"
    host = cluster.partition("host=")[2]
    with psycopg.connect(host=host, user="glyphic", dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")  # a database of its own would be 300 files each time
    return f"{cluster}&options=-csearch_path%3D{name}"
