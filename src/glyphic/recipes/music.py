"""One staff of printed music: a residual network that keeps where each row was, two BiLSTMs, CTC.

    glyphic synth music DATA --packs 8 --count 5000 --strings staves.txt --exclude HELD-OUT --look mixed
    torchrun --nproc-per-node 2 -m -- glyphic train music --data DATA

The staff finder lays every staff level, its lines eight pixels apart, when packs are written and when pictures are
read; so the network sees one size, and a note's height is its place. A column of features covers one space and yields
two frames: a note, which has two tokens, is hardly ever narrower than a space and a half.
"""

from glyphic.core.options import DecodingOptions, InputSpec
from glyphic.core.recipe import DataSpec, ModelSpec, Recipe, TrainingSpec

RECIPE = Recipe(
    name="music",
    notation="music",
    model=ModelSpec(
        extraction="staff",
        extraction_parameters={"channels": [24, 48, 80, 160], "blocks": [1, 2, 2], "width": 256, "height": 96},
        refinement="bilstm", refinement_parameters={"layers": 2, "width": 320},
        generation="ctc", generation_parameters={"width": 192, "per_cell": 2},
    ),
    input=InputSpec(staff_space=8.0, max_height=96, max_width=2048, margin=4, multiple=16),
    decoding=DecodingOptions(beam_width=8, sound=True, shifts=(-1, 1), certain=0.995),
    data=DataSpec(scale_jitter=0.1, max_tokens=160, max_pixels=96 * 2048, validation=150),
    training=TrainingSpec(
        steps=6_000, pixels=1_500_000, batch=48, learning_rate=1e-3, muon_rate=0.02, warmup=200,
        curriculum=((300, 24), (800, 40)), glyph_loss=0.5, validate_every=1_000,
    ),
)

SYNTHETIC = """\
Staves engraved by Verovio in random styles, half of them bent, surrounded, photographed and compressed by programs:
incipits of RISM (CC BY 3.0) and segments of melodies of OpenScore (CC0), in other clefs and keys, and staves of a
sampler for what those lack."""

LIMITS = """
## Limits

- one staff of printed music in common notation with one voice: no chords, no lyrics, no dynamics, no articulation
  but the fermata; what stands around the staff is passed over
- the clefs G1, G2, C1 to C5, F3 to F5; rests, grace notes, ties, and rests of many bars, but no tuplets and no repeats
- slurs are not read, and now and then one is read as a tie
- pages: cut them into staves first; of several staves in a picture it reads the clearest
"""

NOTES = f"""
## Training data

{SYNTHETIC} No picture of PrIMuS and no scan was trained on.
{LIMITS}"""
