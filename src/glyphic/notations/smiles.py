"""The notation smiles: a drawing as canonical SMILES, atom by atom, which many networks write; kept to compare with.

What is drawn (abbreviations, angles, which atom stands where) is not in a SMILES: a network that writes it has to
expand `CO2Me`, to number rings and to turn wedges into @ and @@ by itself. The notation molecule leaves that to rules;
the table in docs/models.md says what it is worth. Needs RDKit (the extra [chem]).
"""

import random
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from glyphic.core.bonds import bond_length
from glyphic.core.errors import NotationError
from glyphic.core.notation import Notation, OtherLabels, Rendering
from glyphic.core.vocabulary import Vocabulary
from glyphic.notations.molecule.chemistry.interpretation import canonical, inchi_of, parsed
from glyphic.notations.molecule.chemistry.readings import METRICS

# what may stand outside of brackets (OpenSMILES 1.0), and the characters inside of them; two-letter atoms are one token
ORGANIC = ("B", "C", "N", "O", "P", "S", "F", "Cl", "Br", "I", "b", "c", "n", "o", "p", "s", "*")
SIGNS = ("-", "=", "#", "$", ":", "/", "\\", ".", "(", ")", "[", "]", "%", "+", "@", "@@", ">")
LETTERS = ("H", "A", "D", "E", "G", "K", "L", "M", "R", "T", "U", "V", "W", "X", "Y", "Z", "a", "d", "e", "f", "g", "h",
           "i", "k", "l", "m", "r", "t", "u", "v", "w", "x", "y")
VOCABULARY = Vocabulary.of((*ORGANIC, *SIGNS, *"0123456789", *LETTERS))

_TOKEN = re.compile(r"Cl|Br|@@|.")

# molecules that meet what the vocabulary is for: rings beyond nine, isotopes, charges, salts, both kinds of stereo
EXAMPLES = ("CC(=O)Oc1ccccc1C(O)=O", r"C/C=C\C", "N[C@@H](C)C(=O)O", "[Na+].[Cl-]", "[13CH3][N+](C)(C)C", "BrCCCl",
            "c1ccc2c(c1)[nH]c1ccccc12", "C[Si](C)(C)C", "*OC(=O)CC#N", "[2H]C([2H])[2H]", "OB(O)c1ccsc1", "CP(I)F")


class SmilesTokenizer:
    """SMILES <-> ids, an atom of the organic subset, a digit, a sign or a letter within brackets each."""

    vocabulary: Vocabulary = VOCABULARY

    def encode(self, text: str) -> list[int]:
        """Any SMILES -> the ids of the canonical one; NotationError for what RDKit does not hold."""
        return self.vocabulary.encode(_TOKEN.findall(canonical(text)))

    def decode(self, ids: Sequence[int]) -> str:
        """Ids -> canonical SMILES; as written where that is no molecule."""
        text = "".join(self.vocabulary.decode(ids))
        try:
            return canonical(text) if text else ""
        except NotationError:
            return text


def render(text: str, rng: random.Random) -> npt.NDArray[np.uint8]:
    """A SMILES, laid out and printed with a random look -> (H, W) uint8; NotationError for what cannot be drawn."""
    made = render_many([text], rng)[0]
    if made is None:
        raise NotationError("no installed font has all letters of this drawing", text)
    return made.pixels


def render_many(texts: Sequence[str], rng: random.Random, look: str = "printed") -> list[Rendering | None]:
    """SMILES -> pictures, drawn as those of the notation molecule; None as for `render`."""
    from glyphic.notations import molecule
    from glyphic.notations.molecule.chemistry.depiction import depict_mol

    return molecule.render_many([molecule.to_target(depict_mol(parsed(text), rng)) for text in texts], rng, look)


def sample(rng: random.Random) -> str:
    """A random molecule: some of the examples in one picture, as salts and mixtures are."""
    return canonical(".".join(rng.choices(EXAMPLES, k=rng.choice((1, 1, 1, 2, 3)))))


NOTATION = Notation(
    name="smiles",
    tokenizer=SmilesTokenizer(),
    normalize=canonical,
    metrics={"exact": METRICS["exact"]},
    sample=sample,
    examples=EXAMPLES,
    render=render,
    render_many=render_many,
    looks=("printed", "handwritten"),
    formats={"inchi": inchi_of},
    measure=bond_length,
    other_labels=OtherLabels(lambda text: True, canonical, METRICS),  # of any label, as of the notation molecule
)
