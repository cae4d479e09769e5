"""A process that loads the models once and forks itself into readers, which share its memory until they change it.

The serving process has a socket to it, its standard input, and one to every reader, which it makes itself: the end of
the reader comes along with the order to fork. However the serving process ends, its sockets are closed, and all of
these processes end with it. They are a group of their own, for a Ctrl-C is not meant for them.
"""

import contextlib
import gc
import json
import os
import signal
import socket
import sys
import traceback
from typing import Any

from glyphic.core.errors import GlyphicError
from glyphic.core.processors import be_first_to_go
from glyphic.service.orders import Order
from glyphic.service.problems import Problem, of_error
from glyphic.service.readers import Readers

WORD = 4  # bytes of an order
NICE = 5  # steps by which readers give way to the loop that answers requests


def main(readers: Readers) -> None:
    """Does what it is told until the socket is closed."""
    for number in (signal.SIGINT, signal.SIGTERM):  # the serving process knows what is still to be finished
        signal.signal(number, signal.SIG_IGN)
    failure = _load(readers)
    children: set[int] = set()
    with socket.socket(fileno=0) as control:
        while (order := _received(control)) is not None:
            children -= {pid for pid in children if os.waitpid(pid, os.WNOHANG)[0]}
            if isinstance(order, socket.socket):
                with order:
                    children |= _fork(control, order, readers, failure)
            elif order in children:
                os.kill(order, signal.SIGKILL)
    for pid in children:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _load(readers: Readers) -> str:
    """Why the models cannot be used; "" where they can."""
    try:
        readers.load()
    except GlyphicError as error:
        return str(error)
    except Exception:
        traceback.print_exc()
        return "the models cannot be loaded; the log tells why"
    gc.collect()
    gc.freeze()  # a collection looks at all objects, and what it writes beside them would no longer be shared
    return ""


def _received(control: socket.socket) -> int | socket.socket | None:
    """The id of a reader to end, or the socket of one to fork; None where the socket is closed."""
    data, ends, _, _ = socket.recv_fds(control, WORD, 1)
    if ends:
        return socket.socket(fileno=ends[0])
    return int.from_bytes(data, "little") if data else None


def _fork(control: socket.socket, channel: socket.socket, readers: Readers, failure: str) -> set[int]:
    """The id of a new reader at this end of the channel; none where there can be none, which is said there."""
    try:
        if failure:
            _tell(channel, failed=failure)
            return set()
        if pid := os.fork():
            return {pid}
    except OSError as error:  # no memory for another process, or nobody at the other end
        with contextlib.suppress(OSError):
            _tell(channel, failed=f"no reader can be forked: {error}")
        return set()
    try:
        control.close()
        be_first_to_go()
        os.nice(NICE)
        _tell(channel, pid=os.getpid(), models=readers.describe())
        _serve(channel, readers)
    except (BrokenPipeError, ConnectionResetError):
        pass  # nobody waits for the answer any more
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


def _serve(channel: socket.socket, readers: Readers) -> None:
    """Does one thing after the other until the channel is closed: a line of JSON, and a picture after it where there is
    one, become a line of JSON."""
    with channel.makefile("rb") as orders:
        while line := orders.readline():
            order = json.loads(line)
            _tell(channel, **_answer(readers, order, orders.read(order.get("bytes", 0))))


def _answer(readers: Readers, order: dict[str, Any], picture: bytes) -> dict[str, Any]:
    try:
        if "write" in order:
            return {"done": readers.write(*order["write"])}
        return {"done": readers.read(picture, Order(**order["read"])).to_json()}
    except Problem as problem:
        return {"refused": vars(problem)}
    except GlyphicError as error:
        return {"refused": vars(of_error(error))}
    except Exception:
        return {"failed": traceback.format_exc()}


def _tell(channel: socket.socket, **values: Any) -> None:
    channel.sendall(json.dumps(values).encode() + b"\n")


if __name__ == "__main__":
    main(Readers(sys.argv[1:]))
