"""How likely a formula is before its picture is seen: brackets of real ones match.

Of the formulas of im2latex-100k 0.7 % have a parenthesis or bracket without a partner (slips, and what goes on in the
next line); of a beam's wrong readings every twelfth has, for what a network leaves out takes one of a pair with it.
"""

import re

UNMATCHED = -2.5  # nats for a formula of which a bracket has no partner

_BRACKET = re.compile(r"\\[a-zA-Z]+|\\.|[()\[\]]", re.DOTALL)
_STEPS = {"(": 1, "[": 1, ")": -1, "]": -1}


def log_prior(text: str) -> float:
    """Canonical LaTeX -> UNMATCHED where a round or square bracket has no partner, 0 elsewhere.

    Half-open intervals are well: each of ( and [ closes by each of ) and ]. Braces, bars and angles stand alone in
    systems of equations and in kets, and are not looked at.
    """
    return 0.0 if unmatched(text) == 0 else UNMATCHED


def unmatched(text: str) -> int:
    """How many round and square brackets of canonical LaTeX have no partner."""
    opened = alone = 0
    for piece in _BRACKET.findall(text):
        step = _STEPS.get(piece, 0)
        if step < 0 and not opened:
            alone += 1
        else:
            opened += step
    return opened + alone
