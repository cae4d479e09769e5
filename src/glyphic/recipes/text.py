"""Words and lines, printed or in a scene: a residual network that takes a line's height at once, two BiLSTMs, CTC.

    glyphic train text --data DIR

CRNN (Shi et al. 2016) with residual blocks in place of VGG's layers: more layers for a fifth of the arithmetic. Lines
are 32 pixels high and as wide as they are; a frame covers four pixels, about a quarter of a letter.
"""

from glyphic.core.options import InputSpec
from glyphic.core.recipe import DataSpec, ModelSpec, Recipe, TrainingSpec

LINE = InputSpec(line_height=32, margin=0, max_height=32, max_width=1024, multiple=32)
DATA = DataSpec(scale_jitter=0.25, max_tokens=40, max_pixels=32 * 1024, validation=1000)

RECIPE = Recipe(
    name="text",
    notation="text",
    model=ModelSpec(
        extraction="resnet23", extraction_parameters={"channels": [48, 80, 128, 192]},
        refinement="bilstm", refinement_parameters={"layers": 2, "width": 192},
        generation="ctc", generation_parameters={"width": 192},
    ),
    input=LINE,
    data=DATA,
    training=TrainingSpec(
        steps=30_000, pixels=1_600_000, batch=256, learning_rate=1e-3, muon_rate=0.02, warmup=500,
        curriculum=((500, 6), (1_500, 12)), validate_every=2_000,
    ),
)
