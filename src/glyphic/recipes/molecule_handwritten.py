"""Molecules and reactions as pupils and chemists draw them: the network of molecule, on hand-drawn lines.

    glyphic synth molecule DATA --packs 6 --count 5000 --strings list.smi --look handwritten \\
        --weights school=6,molecules=3,sampler=1
    glyphic train molecule-handwritten --data DATA --start states/molecule.pt

Its first weights are those of molecule: rings, bonds and letters are the same, only the hand is another. Most targets
are equations of school chemistry, with conditions over their arrows, plus signs and several drawings in a line. They
are not searched for readings that are sound: an equation as drawn need not be one.
"""

import dataclasses

from glyphic.core.options import DecodingOptions
from glyphic.recipes import molecule

RECIPE = dataclasses.replace(
    molecule.RECIPE,
    name="molecule-handwritten",
    data=dataclasses.replace(molecule.RECIPE.data, degradation=0.6, scale_jitter=0.2),
    training=dataclasses.replace(molecule.RECIPE.training, steps=8_000, curriculum=()),
    decoding=DecodingOptions(beam_width=4),
)
