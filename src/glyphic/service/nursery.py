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
from pathlib import Path
from typing import Any

from glyphic.core.errors import GlyphicError
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
        while order := _received(control):
            pid, channel = order
            children -= _ended(children)
            if channel is not None:
                with channel:
                    children |= _fork(control, channel, readers, failure)
            elif pid in children:
                os.kill(pid, signal.SIGKILL)
        os.killpg(0, signal.SIGKILL)


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


def _received(control: socket.socket) -> tuple[int, socket.socket | None] | None:
    """The id of a reader to end, or 0 and the socket of one to fork; None where the socket is closed."""
    data, ends, _, _ = socket.recv_fds(control, WORD, 1)
    return (int.from_bytes(data, "little"), socket.socket(fileno=ends[0]) if ends else None) if data else None


def _ended(children: set[int]) -> set[int]:
    """Those that live no longer."""
    return {pid for pid in children if os.waitpid(pid, os.WNOHANG)[0]}


def _fork(control: socket.socket, channel: socket.socket, readers: Readers, failure: str) -> set[int]:
    """The id of a new reader at the other end of the channel; where there can be none, it is said there why."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        if failure:
            _tell(channel, failed=failure)
            return set()
        try:
            pid = os.fork()
        except OSError as error:
            _tell(channel, failed=f"no process can be made: {error}")
            return set()
        if pid:
            return {pid}
        try:
            control.close()
            _be_first_to_go()
            os.nice(NICE)
            _tell(channel, pid=os.getpid(), models=readers.describe())
            _serve(channel, readers)
        except (BrokenPipeError, ConnectionResetError):
            pass  # nobody waits for the answer any more
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    return set()


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


def _be_first_to_go() -> None:
    """Where memory runs out, Linux ends this process rather than the one that would fork it again."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


if __name__ == "__main__":
    main(Readers(sys.argv[1:]))
