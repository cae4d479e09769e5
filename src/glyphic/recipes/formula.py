"""Printed formulas: a residual network, two layers of self-attention over the picture, a three-layer decoder.

    glyphic train formula --data DIR

The picture is scaled by its own symbols, so the network need not know resolutions. Beside the tokens it is told, for
every glyph that TeX set, which glyph lies in which cell: the encoder learns to see within minutes, and the decoder's
attention has something to find. docs/models.md tells what was run, for how long, and what it reached.
"""

from glyphic.core.options import DecodingOptions, InputSpec
from glyphic.core.recipe import DataSpec, ModelSpec, Recipe, TrainingSpec

RECIPE = Recipe(
    name="formula",
    notation="formula",
    model=ModelSpec(
        extraction="resnet", extraction_parameters={"channels": [32, 64, 192], "blocks": [0, 1, 2]},
        refinement="transformer", refinement_parameters={"layers": 2, "heads": 2, "width": 192, "hidden": 384},
        generation="transformer", generation_parameters={
            "width": 256, "layers": 3, "heads": 4, "hidden": 768,
            "opens": r"(?!\\\{$|\}).+[{\[]|\\begin\{.*", "closes": r"\}|\\end\{.*"},
    ),
    input=InputSpec(symbol_size=13.0, max_height=256, max_width=1024, margin=4, multiple=16),
    data=DataSpec(scale_jitter=0.25, max_tokens=150, max_pixels=100_000, validation=300),
    training=TrainingSpec(
        steps=15_000, pixels=1_400_000, batch=96, learning_rate=1e-3, muon_rate=0.02, warmup=300,
        curriculum=((600, 16), (2_000, 45)), glyph_loss=0.3, validate_every=1_500,
    ),
    decoding=DecodingOptions(beam_width=4, scales=(0.8, 1.25), certain=0.99, sound=True, token_bonus=0.15),
)

NOTES = r"""
## Training data

LaTeX formulas as people wrote them, and recombinations of their parts, typeset by LaTeX in Computer Modern, Times,
Palatino and their relatives, then degraded as scanners, screens and mail programs do. The formulas come from

| source | licence |
| --- | --- |
| the Stacks project | GNU Free Documentation License 1.2 |
| diffyqs (Notes on Diffy Qs, Jiri Lebl) | CC BY-SA 4.0 |
| the HoTT book | CC BY-SA 3.0 |
| im2latex-100k, validation formulas (arXiv papers) | Apache-2.0 repository; the papers are their authors' |

No real page, scan or photo was trained on. The bundle holds none of the formulas; what a share-alike licence of a text
asks of a model that was trained on it is not settled.

## Limits

- printed formulas, one a picture; handwriting, several lines of prose and whole pages come out as nonsense
- formulas of more than 150 tokens were not trained on
- a picture with symbols under 8 pixels has often lost what tells `,` from `.` or a prime from a 1
- a formula that one look leaves in doubt is looked at in three sizes, which takes some four times as long; `--beam 1`
  looks once
- what LaTeX draws alike is read as one spelling: spaces, sizes of delimiters and macros are not given back
- the output always parses; that does not make it right: mind the confidence
"""
