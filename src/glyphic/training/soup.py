"""The weights of several runs of one line become those of one network, their mean.

Model soups (Wortsman et al. 2022): networks that began with the same weights and were trained on from there, one after
the other or side by side, lie in one valley, and what lies between them errs less than each: the last steps of a short
run are noise, and the mean has less of it. It costs nothing when pictures are read.
"""

import math
from collections.abc import Sequence

from torch import Tensor

from glyphic.core.errors import OptionError
from glyphic.training.checkpoint import KEPT, State

HEADS = ("glyph_head.",)  # whose rows are classes of one run's packs


def mean(states: Sequence[State], shares: Sequence[float] = ()) -> State:
    """states: as `checkpoint.load` gives them, full or light; shares: of each, together 1 [default: equal ones].

    Recipe, step, tokens and all that is no weight are those of the first. What another lacks, such as a part that was
    added later, or has otherwise, such as a head for the classes of other packs, is the first one's as well. The
    optimizer's state is left out: a run that starts from a mean begins its moments anew.
    Errors: OptionError for shares that are not one for each, are negative or do not sum to 1, and for networks of other
    tokens or of nothing in common.
    """
    first = states[0]
    shares = tuple(shares) or (1 / len(states),) * len(states)
    if len(shares) != len(states):
        raise OptionError(f"{len(states)} states take as many shares; got {len(shares)}")
    if min(shares) < 0:
        raise OptionError(f"a share of a mean is at least 0; got {min(shares):g}")
    if not math.isclose(sum(shares), 1, abs_tol=1e-6):
        raise OptionError(f"the shares of a mean sum to 1; these are {sum(shares):g} together")
    weights = [state["weights"] for state in states]
    for number, state in enumerate(states):
        if state.get("tokens") != first.get("tokens"):
            raise OptionError(f"state {number + 1} writes other tokens than the first: give networks of one kind")
        if not any(_alike(weights[number].get(key), value) for key, value in weights[0].items()):
            raise OptionError(f"state {number + 1} is of another network than the first: no weight has the same shape")
    named = all(state["names"] == first["names"] for state in states)
    mixed: dict[str, Tensor] = {}
    for key, value in weights[0].items():
        parts = [other.get(key) for other in weights]
        if value.is_floating_point() and all(_alike(part, value) for part in parts) \
                and (named or not key.startswith(HEADS)):
            mixed[key] = sum(share * part.float() for share, part in zip(shares, parts, strict=True)).to(value.dtype)
        else:
            mixed[key] = value
    return {**{key: first[key] for key in KEPT if key in first}, "weights": mixed}


def _alike(part: Tensor | None, value: Tensor) -> bool:
    return part is not None and part.shape == value.shape
