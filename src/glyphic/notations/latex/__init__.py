"""The formula notation: printed and handwritten mathematics as canonical LaTeX."""

from collections.abc import Sequence

from glyphic.core.notation import Notation
from glyphic.core.vocabulary import Vocabulary
from glyphic.notations.latex.grammar import LatexGrammar
from glyphic.notations.latex.mathml import to_mathml
from glyphic.notations.latex.metrics import METRICS
from glyphic.notations.latex.parser import parse
from glyphic.notations.latex.prior import log_prior
from glyphic.notations.latex.render import LOOKS, MATHJAX, render, render_many
from glyphic.notations.latex.sampler import SEEDS, sample
from glyphic.notations.latex.spans import spans
from glyphic.notations.latex.text import to_text
from glyphic.notations.latex.tree import VOCABULARY, from_tokens, to_tokens


class LatexTokenizer:
    """LaTeX <-> ids of the closed vocabulary."""

    vocabulary: Vocabulary = VOCABULARY

    def encode(self, text: str) -> list[int]:
        """Any LaTeX that the notation holds -> ids; NotationError with the position otherwise."""
        return self.vocabulary.encode(to_tokens(parse(text)))

    def decode(self, ids: Sequence[int]) -> str:
        """Ids -> canonical LaTeX; what is left open is closed."""
        return to_text(from_tokens(self.vocabulary.decode(ids)))


def normalize(text: str) -> str:
    """Any LaTeX that the notation holds -> its canonical spelling."""
    return to_text(parse(text))


NOTATION = Notation(
    name="formula",
    tokenizer=LatexTokenizer(),
    normalize=normalize,
    metrics=METRICS,
    grammar=LatexGrammar(),
    render=render,
    render_many=render_many,
    looks=(*LOOKS, MATHJAX),
    sample=sample,
    examples=SEEDS,
    formats={"mathml": to_mathml},
    spans=spans,
    prior=log_prior,
)
