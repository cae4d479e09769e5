"""The classic readers of words, on one footing: CNN or ResNet, BiLSTM, and three ways to write.

    glyphic train text-cnn-ctc --data DIR

They differ in their networks alone; benchmarks/text_classics.py trains all five with equal budgets and compares them.
CNN + CTC is CRNN (Shi et al. 2016); ED is an encoder-decoder without attention (Sutskever et al. 2014), Attention the
additive one (Bahdanau et al. 2015).
"""

import dataclasses

from glyphic.core.options import DecodingOptions
from glyphic.core.recipe import ModelSpec, Recipe
from glyphic.recipes.text_synthetic import RECIPE

CTC = {"width": 256}
RECURRENT = {"width": 256, "embedding": 64, "cell": "lstm"}

NETWORKS = {  # name -> extraction, generation and its parameters
    "text-cnn-ctc": ("crnn", "ctc", CTC),
    "text-cnn-ed": ("crnn", "encoder-decoder", RECURRENT),
    "text-cnn-attention": ("crnn", "attention", RECURRENT),
    "text-res15-ctc": ("resnet15", "ctc", CTC),
    "text-res23-ctc": ("resnet23", "ctc", CTC),
}

RECIPES: dict[str, Recipe] = {
    name: dataclasses.replace(RECIPE, name=name, model=ModelSpec(
        extraction, generation, "bilstm", refinement_parameters={"layers": 2, "width": 256},
        generation_parameters=parameters), decoding=DecodingOptions())
    for name, (extraction, generation, parameters) in NETWORKS.items()
}
