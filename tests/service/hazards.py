"""A nursery of readers of bars that do what words of an order's lexicon say: take long, fail, die. Every reading takes
as many seconds as the environment's SECONDS says."""

import os
import signal
import sys
import time

from glyphic import notations
from glyphic.service import nursery
from glyphic.service.readers import Readers


class Hazardous(Readers):
    def read(self, picture, order):
        time.sleep(float(os.environ.get("SECONDS", "0")))
        for word in order.lexicon:
            hazards = {"stuck": lambda: time.sleep(600), "slow": lambda: time.sleep(1.5), "fail": _fail,
                       "die": lambda: os.kill(os.getpid(), signal.SIGKILL)}
            hazards[word]()
        return super().read(picture, order.model_copy(update={"lexicon": []}))


def _fail():
    raise RuntimeError("a secret")


if __name__ == "__main__":
    notations.BUILT_IN["bars"] = "tests.bars"
    nursery.main(Hazardous(sys.argv[1:]))
