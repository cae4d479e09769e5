"""A process that reads shards: orders come as JSON lines on its standard input, and what became of them goes back.

It ends with the one that started it, however that ends: the pipe is closed then.
"""

import json
import os
import sys
import threading
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TextIO

from glyphic.bulk import plan as plans
from glyphic.bulk import shards, work
from glyphic.bulk.files import OutputError
from glyphic.bulk.options import Conditions
from glyphic.bulk.reader import Reader
from glyphic.core.errors import GlyphicError
from glyphic.core.processors import be_first_to_go


def main() -> None:
    """The first line has the folder, the name of the run and its conditions; each other line the number of a shard."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii", buffering=1)
    os.dup2(2, 1)  # what a library prints is no answer
    be_first_to_go()
    orders: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_listen, args=(orders,), daemon=True).start()
    try:
        _serve(orders, answers)
    except GlyphicError as error:
        _tell(answers, failed=str(error), output=isinstance(error, OutputError))
    except BrokenPipeError:
        os._exit(1)


def _serve(orders: "SimpleQueue[str]", answers: TextIO) -> None:
    given = json.loads(orders.get())
    plan, conditions = plans.load(Path(given["folder"])), Conditions(**given["conditions"])
    if plan is None:
        raise GlyphicError(f"{given['folder']} has no plan")
    reader = Reader(plan.options, conditions)
    _tell(answers, ready=True)
    while order := orders.get().strip():
        shard = plan.shards[int(order)]
        rows = work.read(plan, shard, reader, conditions, given["run"], lambda count: _tell(answers, read=count))
        shards.write(plan.path(shard), rows)
        _tell(answers, done=shard.number, **work.counted(rows))
    reader.close()


def _listen(orders: "SimpleQueue[str]") -> None:
    """Orders arrive while a shard is read; the end of them, while one is, is the end of whoever gave it."""
    for line in sys.stdin:
        orders.put(line)
        if not line.strip():
            return
    os._exit(1)


def _tell(answers: TextIO, **values: Any) -> None:
    answers.write(json.dumps(values) + "\n")


if __name__ == "__main__":
    main()
