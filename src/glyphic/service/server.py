"""An application becomes a process that listens, and that leaves without dropping what it has taken on."""

import gc
import logging
import os
import signal
import sys
import time
from types import FrameType

import uvicorn
from fastapi import FastAPI

from glyphic.service.protocol import refusing
from glyphic.service.settings import Settings

# seconds after which a thread lets others go on: with Python's usual 5 ms, a request waits for the loop, and the loop
# for each reader, as long as a small picture takes to be read
SWITCH = 0.0005
GARBAGE = 10_000  # objects after which it is looked for: a request that is refused makes dozens
FINISH = 15  # seconds in which accepted requests must be done once nobody listens any more


class Server(uvicorn.Server):
    """uvicorn, but at SIGTERM the readiness falls first, and listening ends `drain` seconds later: who sends requests
    by the readiness has time to see it."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, drain: float):
        super().__init__(config)
        self._service, self._drain = app.state.service, drain
        self._told: float | None = None  # when

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first SIGTERM begins the end; another, or any other signal, ends at once."""
        if sig == signal.SIGTERM and self._told is None:
            self._service.leaving = True
            self._told = time.monotonic()
        else:
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        if self._told is not None and time.monotonic() - self._told >= self._drain:
            self.should_exit = True
        return bool(await super().on_tick(counter))


def serve(app: FastAPI, settings: Settings, host: str, port: int) -> None:
    """Listens until it is told to end. Errors: SystemExit where the address is taken."""
    sys.setswitchinterval(SWITCH)
    gc.freeze()  # what the application is made of is no garbage
    gc.set_threshold(GARBAGE)
    config = uvicorn.Config(app, host=host, port=port, access_log=False, log_config=None, server_header=False,
                            http=refusing(app.state.service),
                            timeout_graceful_shutdown=FINISH, timeout_keep_alive=5, lifespan="on", ws="none")
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    Server(config, app, settings.drain).run()
    if app.state.service.workers.busy:  # threads cannot be stopped, and what they read is awaited no more
        logging.shutdown()
        os._exit(0)
