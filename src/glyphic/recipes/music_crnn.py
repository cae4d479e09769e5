"""The classic reader of staves (Calvo-Zaragoza and Rizo, Applied Sciences 8(4), 2018), to compare `music` with.

    glyphic train music-crnn --data DIR

Pictures are 128 x 800, a longer staff is squeezed to that; four convolutions, two BiLSTMs of 256 units a direction, CTC
over at most 100 frames. The packs, their staves laid level, and the optimisation are those of `music`, so that the
networks alone are compared: give both one budget with --set training.minutes=M.
"""

import dataclasses

from glyphic.core.options import InputSpec
from glyphic.core.recipe import ModelSpec
from glyphic.recipes import music

RECIPE = dataclasses.replace(
    music.RECIPE, name="music-crnn",
    model=ModelSpec(
        extraction="staff-crnn", refinement="bilstm", refinement_parameters={"layers": 2, "width": 512},
        generation="ctc", generation_parameters={"width": 256},
    ),
    # as many spaces of height as `music` sees; a staff of 75 spaces is 800 pixels long
    input=InputSpec(staff_space=128 / 12, max_height=128, max_width=800, margin=4, multiple=16),
    data=dataclasses.replace(music.RECIPE.data, max_pixels=128 * 800),
)

NOTES = music.NOTES
