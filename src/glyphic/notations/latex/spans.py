r"""The tokens of a formula and its canonical LaTeX -> the characters that each token wrote.

Text and tokens have one order; between them are what only the text has (`\left`, blanks, the braces of `\mathrm{dx}`)
and what only the tokens have (the parenthesis beside a matrix, which becomes `\begin{pmatrix}`).
"""

import re
from collections.abc import Sequence

from glyphic.core.alignment import Span, spread

_UNIT = re.compile(r"\\(?:begin|end)\{[a-z]+\}|\\[a-zA-Z]+|\\.|\s+|.", re.DOTALL)
_GROWN = (r"\left", r"\right")


def spans(tokens: Sequence[str], text: str) -> list[Span]:
    r"""Tokens as the network wrote them, and their text -> spans as `Notation.spans` promises; a delimiter has its
    `\left` or `\right`."""
    found = spread([_UNIT.findall(token) for token in tokens], _UNIT.findall(text))
    end, result = 0, []
    for start, behind in found:
        grown = next((len(side) for side in _GROWN if start < behind and text[end:start].endswith(side)), 0)
        result.append((start - grown, behind))
        end = max(end, behind)
    return result
