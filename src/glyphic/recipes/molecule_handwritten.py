"""Molecules and reactions as pupils and chemists draw them: the network of molecule, on hand-drawn lines.

    glyphic synth molecule DATA --packs 6 --count 5000 --strings list.smi --look handwritten \\
        --weights school=3,slips=3,molecules=3,sampler=1
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
    decoding=DecodingOptions(beam_width=8, scales=(0.85, 1.18), certain=0.99, sound=True, token_bonus=0.1,
                             least_prior=-3.0),
)

NOTES = """
## Training data

Molecules of ChEMBL (CC BY-SA 3.0) and ZINC (free), and equations of school chemistry made from rules, drawn by our own
strokes, on paper and before cameras of our own making. Letters and digits are ours, of handwriting fonts of Debian, or
those that people wrote for CROHME 2016's training set (CC BY-NC-SA 3.0: mind it where you use this model for profit).
The network began with the weights of molecule 0.1.0. No drawing of a molecule by any person was trained on.

## Limits

- one drawing, or one line of a reaction with what stands over and under its arrows; no mechanisms, no pages
- Chinese conditions over arrows are read by the few characters that school chemistry needs
- it has seen letters that people wrote, but no molecule: of hasty hands little is right; mind the confidence
"""
