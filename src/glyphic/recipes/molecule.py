"""Printed molecules: the network of formula, on drawings that are brought to one bond length.

    glyphic synth molecule DATA --packs 20 --strings list.smi --look printed
    torchrun --nproc-per-node 2 -m -- glyphic train molecule --data DATA --start states/formula.pt

Its first weights are those of formula: letters, lines, and how to look from one to the next are the same. A drug of 26
atoms is a picture of some 250 x 150 pixels and a target of 57 tokens. The encoder learns beside its task which atom and
which bond stands in which cell (glyph_loss), without which attention takes most of the training to find its way.
"""

import dataclasses

from glyphic.core.options import DecodingOptions, InputSpec
from glyphic.core.recipe import DataSpec, Recipe, TrainingSpec
from glyphic.recipes import formula

RECIPE = Recipe(
    name="molecule",
    notation="molecule",
    model=dataclasses.replace(formula.RECIPE.model, generation_parameters={
        **formula.RECIPE.model.generation_parameters, "opens": r"\w+\(", "closes": r"\w+\)"}),
    input=InputSpec(bond_length=22.0, max_height=512, max_width=768, margin=6, multiple=16),
    data=DataSpec(scale_jitter=0.3, max_tokens=160, max_pixels=140_000, validation=300),
    training=TrainingSpec(
        steps=15_000, pixels=1_400_000, batch=96, learning_rate=1e-3, muon_rate=0.02, warmup=300,
        curriculum=((600, 25), (2_000, 50)), glyph_loss=0.3, validate_every=1_500,
    ),
    decoding=DecodingOptions(beam_width=4, sound=True, token_bonus=0.15),
)

NOTES = """
## Training data

Molecules of ChEMBL (CC BY-SA 3.0) and ZINC (free), laid out and drawn by RDKit, Indigo and our own strokes, with random
stereo, salts and abbreviations, spoiled as scanners do; and some 900 drawings of substances with United States Adopted
Names (test resources of NCATS's MolVec; no licence stated), those that versions 0.1.0 and 0.2.2 read as their SMILES
say. The network began with the weights of formula 0.2.0, whose card names what these learnt from. No scan of a patent
or a paper was trained on. The bundle holds none of the molecules.

## Limits

- one printed structure a picture; no tables, no reactions with text between, no polymers, no handwriting
- bridged rings, stereo, and molecules of more than 35 atoms are mostly read wrong
- a reading that RDKit refuses says why and keeps its drawing; mind the confidence and the warnings
- it has learnt from drug-like molecules: rare elements and organometallics are guesses
- where the picture leaves doubt, the reading whose atoms are usual in ChEMBL and ZINC is taken; `--beam 1` does without
"""
