"""What the operator of a service may choose; nonsense is refused when it is built."""

from dataclasses import dataclass, field

from glyphic.core.errors import OptionError
from glyphic.core.processors import processors


def usual_workers() -> int:
    """One more than there are CPUs, which all workers share by the clock: then what is quickly read need not wait until
    something long is done, and few pictures wait at half of what the service can do."""
    return processors() + 1


@dataclass(frozen=True)
class Settings:
    """Sizes are in bytes, times in seconds."""

    workers: int = field(default_factory=usual_workers)  # pictures that are read at a time
    waiting: int | None = None  # requests that may wait for a worker; None: 8 for each worker
    models: tuple[str, ...] = ()  # names or folders of models; none: all that are installed
    largest: int = 10_000_000  # of a body
    seconds: float = 10.0  # for a request, from its first byte to its answer
    drain: float = 1.0  # between SIGTERM and the end of listening, in which the readiness is seen to be gone
    mathpix: bool = False  # whether /v3/text is served
    review_url: str | None = None  # of the review queue
    review_below: float = 0.9  # readings of less confidence go there

    def __post_init__(self) -> None:
        for name, least in (("workers", 1), ("largest", 1), ("seconds", 0.0), ("drain", 0.0)):
            if not getattr(self, name) >= least:
                raise OptionError(f"{name} must be at least {least:g}; got {getattr(self, name)}")
        if self.waiting is not None and self.waiting < 0:
            raise OptionError(f"waiting must not be negative; got {self.waiting}")
        if not 0 <= self.review_below <= 1:
            raise OptionError(f"review_below is a confidence, from 0 to 1; got {self.review_below}")

    @property
    def queue(self) -> int:
        """How many requests may wait for a worker."""
        return 8 * self.workers if self.waiting is None else self.waiting
