"""What a caller may choose: how pictures are fitted and how sequences are searched. Nonsense is refused when built."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from glyphic.core.errors import OptionError


@dataclass(frozen=True)
class InputSpec:
    """How any picture becomes the network's input; stored in the bundle. Units: pixels.

    The picture is cropped to its ink and, where `symbol_size` is set, scaled so that its median symbol (connected
    component) has that size: the network never sees the resolution of the original. `bond_length` scales by the bonds
    of a chemical drawing instead, `line_height` to a fixed height, `staff_space` by the lines of a staff of music: so
    many pixels are between two of them, the staff lies level, and its middle line is in the middle of max_height
    pixels. Then the picture is shrunk where it exceeds the maxima (a line or a staff that is too long in its width
    alone), given a margin of paper, and padded to a multiple.

    turned_from: of lines, what is so many times as high as wide is read turned by 90 degrees as well, to either side;
    None: never. The default is from 4468 words of street scenes (ICDAR 2015): what is 1.2 to 1.5 times as high as wide
    (71) stands upright or aslant, of what is more (145) about every second lies on its side.
    """

    symbol_size: float | None = None
    line_height: int | None = None
    staff_space: float | None = None
    max_height: int = 256
    max_width: int = 1024
    margin: int = 4
    multiple: int = 16
    turned_from: float | None = 1.5
    bond_length: float | None = None

    def __post_init__(self) -> None:
        scales = {name: getattr(self, name) for name in ("symbol_size", "bond_length", "line_height",
                                                         "staff_space")}
        if sum(value is not None for value in scales.values()) > 1:
            given = " and ".join(f"{name}={value}" for name, value in scales.items() if value is not None)
            raise OptionError(f"give one of {', '.join(scales)}, not two; got {given}")
        if self.margin < 0:
            raise OptionError(f"margin must not be negative; got {self.margin}")
        if self.multiple < 1:
            raise OptionError(f"multiple must be at least 1; got {self.multiple}")
        for name in ("symbol_size", "bond_length"):
            if scales[name] is not None and not scales[name] > 0:
                raise OptionError(f"{name} must be above 0; got {scales[name]}")
        if self.line_height is not None and self.line_height <= 2 * self.margin:
            raise OptionError(f"line_height must be above {2 * self.margin}, two margins; got {self.line_height}")
        if self.staff_space is not None and not 2 <= self.staff_space <= self.max_height / 5:
            raise OptionError(f"staff_space must be from 2 to a fifth of max_height, {self.max_height / 5:g}; "
                              f"got {self.staff_space}")
        if self.turned_from is not None and not self.turned_from >= 1:
            raise OptionError(f"turned_from must be at least 1, or None to turn nothing; got {self.turned_from}")
        if self.max_height % self.multiple or self.max_width % self.multiple:
            raise OptionError(f"max_height and max_width must be multiples of {self.multiple}; got "
                              f"{self.max_height} and {self.max_width}")
        if min(self.max_height, self.max_width) <= 2 * self.margin:
            raise OptionError(f"a margin of {self.margin} leaves no room in {self.max_height} x {self.max_width}")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "InputSpec":
        return cls(**data)


@dataclass(frozen=True)
class DecodingOptions:
    """How the search goes about. Width 1 is greedy."""

    beam_width: int = 1
    max_tokens: int = 256  # <eos> included
    alternatives: int = 0
    length_penalty: float = 1.0  # hypotheses are ranked by score / length ** length_penalty; 0 ranks by plain sums
    sound: bool = False  # of a beam's readings, the likeliest with `Notation.prior` that means something, if one does
    # where `sound` weighs readings: nats for each of their tokens, since beams favour what leaves something out; and
    # the least that a prior counts for, so that what means nothing may be read nevertheless (None: without limit)
    token_bonus: float = 0.0
    least_prior: float | None = None

    # a greedy reading (of frames, the best path) whose tokens are on average this probable is taken as it is; 1 always
    # goes on, with the beam, the scales and the shifts
    certain: float = 1.0
    # steps: the picture is read at its own size and at these, by the mean of the probabilities (`reading.scales`)
    scales: tuple[float, ...] = ()
    # frames: where the picture leaves a doubt, it is read as it is and so many rows lower or (negative) higher, by the
    # mean of the probabilities (`reading.shifts`)
    shifts: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "scales", tuple(self.scales))  # JSON has lists
        object.__setattr__(self, "shifts", tuple(self.shifts))
        if not all(1 <= abs(rows) <= 8 for rows in self.shifts):
            raise OptionError(f"shifts are 1 to 8 rows, lower or (negative) higher; got {self.shifts}")
        if not all(0.25 <= scale <= 4 for scale in self.scales):
            raise OptionError(f"scales are from 0.25 to 4 times the size of the picture; got {self.scales}")
        if not 0.0 < self.certain <= 1.0:
            raise OptionError(f"certain is a probability, above 0 and up to 1; got {self.certain}")
        if self.beam_width < 1:
            raise OptionError(f"beam_width must be at least 1; got {self.beam_width}")
        if self.max_tokens < 2:
            raise OptionError(f"max_tokens must be at least 2 (one token and <eos>); got {self.max_tokens}")
        if not 0 <= self.alternatives < self.beam_width:
            raise OptionError(f"{self.alternatives} alternatives need a beam wider than {self.alternatives}; "
                              f"got beam_width={self.beam_width}")
        if not self.length_penalty >= 0:
            raise OptionError(f"length_penalty must not be negative; got {self.length_penalty}")
        if not math.isfinite(self.token_bonus):
            raise OptionError(f"token_bonus is a number of nats; got {self.token_bonus}")
        if self.least_prior is not None and not -math.inf < self.least_prior <= 0:
            raise OptionError(f"least_prior is a number of nats, 0 or less; got {self.least_prior}")

    def preference(self, tokens: int, prior: float) -> float:
        """What a reading of so many tokens, whose text has this `Notation.prior`, gains over what its network says of
        it where `sound` weighs readings, in nats."""
        return self.token_bonus * tokens + (prior if self.least_prior is None else max(self.least_prior, prior))
