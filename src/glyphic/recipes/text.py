"""Words and lines, printed or in a scene: the network of text-synthetic, acquainted with photographs.

    glyphic pack text PHOTOGRAPHS DATA/real-NAME.npz
    torchrun --nproc-per-node 2 -m -- glyphic train text --data DATA --start states/text-synthetic.pt

DATA also holds drawn packs, as for text-synthetic; three pictures in ten come from the packs called real-*.
"""

import dataclasses

from glyphic.recipes import text_synthetic

DRAWN = text_synthetic.RECIPE

RECIPE = dataclasses.replace(
    DRAWN, name="text",
    data=dataclasses.replace(DRAWN.data, weights={"real-": 29}),  # 5,800 of them beside 400,000 drawn ones
    training=dataclasses.replace(DRAWN.training, steps=1_500, learning_rate=5e-4, muon_rate=0.01, warmup=100,
                                 curriculum=(), validate_every=500),
)

NOTES = f"""
## Training data

First what text-synthetic learns from: {text_synthetic.SYNTHETIC}

Then, among more of these, photographs of words: the first three quarters (by their numbers) of the training splits of
IIIT5K, Street View Text, ICDAR 2003 and ICDAR 2015, 5,795 crops. None of these sets states a licence; they are passed
around for research. Where that matters, use text-synthetic.
{text_synthetic.LIMITS}"""
