"""The closed vocabulary of molecules: atom texts, where a bond goes, how it is drawn, branches, rings, lines.

A target is written with spaces between its tokens:

    ?[a] double [:270] [:330] branch( [:270] N H 2 branch) double [:30] [:90] double [:150] [a]

`[:30]` is a bond to a new atom in this direction (24 of them, 15 degrees apart, 0 = east, counter-clockwise), `[a]` a
bond back to the atom that bears the name `?[a]`. A word before them says how the bond is drawn; a single bond, three
of four, has none, which saves a quarter of all tokens. `<` behind it: the bond's narrow end (or donor) is here; `>`: it
is over there. `circle [:30]` is the aromatic circle of the ring in this direction. `&` parts components.
"""

import string

from glyphic.core.vocabulary import Vocabulary
from glyphic.notations.molecule import texts
from glyphic.notations.molecule.graph import DIRECTED, ArrowKind, BondKind

BINS = 24
STEP = 360 // BINS  # degrees

BRANCH, RETURN, CIRCLE, APART, PLUS = "branch(", "branch)", "circle", "&", "+"
ABOVE, ABOVE_END, BELOW, BELOW_END = "above(", "above)", "below(", "below)"
ARROWS = tuple(kind.value for kind in ArrowKind)
NAMES = tuple(string.ascii_lowercase[:20])  # of rings that are open at a time; drug-like molecules need 8

ANGLES = tuple(f"[:{STEP * i}]" for i in range(BINS))
OPENINGS = tuple(f"?[{name}]" for name in NAMES)
CLOSINGS = tuple(f"[{name}]" for name in NAMES)

BONDS: dict[str, tuple[BondKind, bool]] = {  # token -> the kind, and whether it runs from the atom written first
    f"{kind}{sign}": (kind, sign != ">")
    for kind in BondKind if kind != BondKind.SINGLE
    for sign in (("<", ">") if kind in DIRECTED else ("",))}
BOND_TOKENS = {bond: token for token, bond in BONDS.items()}
BOND_TOKENS |= {(kind, False): BOND_TOKENS[kind, True] for kind in BondKind if (kind, True) in BOND_TOKENS
                and kind not in DIRECTED}

VOCABULARY = Vocabulary.of((BRANCH, RETURN, CIRCLE, APART, PLUS, ABOVE, ABOVE_END, BELOW, BELOW_END, *ARROWS, *BONDS,
                            *ANGLES, *OPENINGS, *CLOSINGS, *texts.TOKENS))


def angle_bin(angle: float) -> int:
    """Degrees -> the nearest of the 24 directions, as a number of steps; of two as near (the sides of an octagon have
    such angles) the higher one, whatever the last digits are."""
    return int((angle + STEP / 2 + 1e-6) // STEP) % BINS
