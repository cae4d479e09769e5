"""Printed molecules: the network of formula, on drawings that are brought to one bond length.

    glyphic synth molecule DATA --packs 20 --strings list.smi --look printed
    torchrun --nproc-per-node 2 -m glyphic train molecule --data DATA

A drug of 26 atoms is a picture of some 250 x 150 pixels and a target of 57 tokens. The encoder learns beside its task
which atom and which bond stands in which cell (glyph_loss), without which attention takes most of the training to find
its way.
"""

from glyphic.core.options import DecodingOptions, InputSpec
from glyphic.core.recipe import DataSpec, Recipe, TrainingSpec
from glyphic.recipes import formula

RECIPE = Recipe(
    name="molecule",
    notation="molecule",
    model=formula.RECIPE.model,
    input=InputSpec(bond_length=22.0, max_height=512, max_width=768, margin=6, multiple=16),
    data=DataSpec(scale_jitter=0.3, max_tokens=160, max_pixels=140_000, validation=300),
    training=TrainingSpec(
        steps=15_000, pixels=1_400_000, batch=96, learning_rate=1e-3, muon_rate=0.02, warmup=300,
        curriculum=((600, 25), (2_000, 50)), glyph_loss=0.3, validate_every=1_500,
    ),
    decoding=DecodingOptions(beam_width=4, sound=True),
)
