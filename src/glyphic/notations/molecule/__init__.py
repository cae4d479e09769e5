"""The molecule notation: printed and handwritten chemical drawings as depth-first targets over what is drawn.

The text of a reading is its target (tokens.py shows one). `to_drawing` and `to_scheme` make the graph of it, which all
else (molfile, SMILES, SSML, pictures) is made from. Here are only drawings; what they mean is in the room chemistry,
and how they are drawn in the room rendering.
"""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from glyphic.core.bonds import bond_length
from glyphic.core.errors import NotationError
from glyphic.core.notation import Notation, OtherLabels, Placing, Rendering
from glyphic.core.vocabulary import Vocabulary
from glyphic.notations.molecule import placement, plausibility, ssml, target
from glyphic.notations.molecule.chemistry import readings
from glyphic.notations.molecule.grammar import MoleculeGrammar
from glyphic.notations.molecule.graph import Drawing, Scheme
from glyphic.notations.molecule.metrics import METRICS
from glyphic.notations.molecule.sampler import sample
from glyphic.notations.molecule.target import to_drawing, to_scheme, to_target
from glyphic.notations.molecule.tokens import ANGLES, BINS, VOCABULARY

__all__ = ["NOTATION", "MoleculeTokenizer", "normalize", "to_drawing", "to_scheme", "to_ssml", "to_target"]

EXAMPLES = (
    "?[a] double [:270] [:330] double [:30] branch( [:330] O H branch) [:90] double [:150] [a]",
    "[:30] wedge< [:90] O H",
    "N H 3 ^+ & Cl ^-",
    "Br 2 + [:30] double [:330] -> above( Fe above) below( △ below) Br [:30] [:330] [:30] Br",
    r"\chemfig { ?[a] branch( -:[:0] \circle branch) -[:60] -[:0] -[:300] branch( -[:0] C l branch) -[:240] -[:180] "
    r"?[a,{-}] } + N a O H \xrightarrow [ \triangle ] { H _ { 2 } O } \chemfig { -[:30] \Chemabove { H } { N } -[:0] }",
)


class MoleculeTokenizer:
    """Targets and SSML strings <-> ids of the closed vocabulary."""

    vocabulary: Vocabulary = VOCABULARY

    def encode(self, text: str) -> list[int]:
        """A target in any spelling, or SSML -> ids; NotationError with the position for what is neither."""
        return self.vocabulary.encode(normalize(text).split())

    def decode(self, ids: Sequence[int]) -> str:
        """Ids -> canonical target; what the grammar does not let stand is left out, what is left open is closed."""
        tokens = target.repaired(self.vocabulary.decode(ids))
        return target.spelled(tokens) if tokens else ""


def normalize(text: str) -> str:
    """A target in any spelling, or an SSML string of EDU-CHEMC (recognised by its commands) -> canonical target."""
    return to_target(ssml.read(text)) if ssml.is_ssml(text) else target.canonical(text)


def to_ssml(text: str) -> str:
    """A target -> SSML with one of 24 directions a bond (EDU-CHEMC's ssml_sd); NotationError where it has no word."""
    return ssml.write(to_scheme(text))


def render(text: str, rng: random.Random) -> npt.NDArray[np.uint8]:
    """A target, as a printed picture with a random look -> (H, W) uint8; NotationError where no font has a letter."""
    made = render_many([text], rng)[0]
    if made is None:
        raise NotationError("no installed font has all letters of this drawing", text)
    return made.pixels


def render_many(texts: Sequence[str], rng: random.Random, look: str = "printed",
                letters: Any = None) -> list[Rendering | None]:
    """Targets -> pictures, each in a random look of the kind "printed" or "handwritten"; None as for `render`.

    letters: as people wrote them (rendering.penstrokes.Letters), for the look "handwritten".
    """
    from glyphic.notations.molecule import rendering  # with Pillow, which reading a target does without

    return rendering.render_many([_simple(to_scheme(text)) for text in texts], rng, look, letters)


def _simple(scheme: Scheme) -> Scheme | Drawing:
    only = scheme.parts[0]
    return only if len(scheme.parts) == 1 and isinstance(only, Drawing) else scheme


NOTATION = Notation(
    name="molecule",
    tokenizer=MoleculeTokenizer(),
    normalize=normalize,
    metrics=METRICS,
    grammar=MoleculeGrammar(),
    sample=sample,
    examples=EXAMPLES,
    render=render,
    render_many=render_many,
    looks=("printed", "handwritten"),
    formats={"ssml": to_ssml, **readings.FORMATS},
    placing=Placing(placement.places, plausibility.doubts, readings.PLACED_FORMATS),
    remarks=readings.remarks,
    checks=readings.checks,
    prior=readings.log_prior,
    near={angle: {ANGLES[i - 1]: 0.5, ANGLES[(i + 1) % BINS]: 0.5} for i, angle in enumerate(ANGLES)},
    measure=bond_length,
    unsure=0.8,  # of 110 scans and 169 drawings that were read right, none had between 0.7 and 0.85
    other_labels=OtherLabels(readings.is_smiles, readings.to_smiles, readings.METRICS),
)
