"""Words and lines, printed or in a scene, from drawn pictures alone: a residual network that takes a line's height at
once, two BiLSTMs, CTC.

    glyphic synth text DATA --packs 20 --strings words.txt
    torchrun --nproc-per-node 2 -m -- glyphic train text-synthetic --data DATA

CRNN (Shi et al. 2016) with residual blocks in place of VGG's layers: more layers for a fifth of the arithmetic. Lines
are 32 pixels high and as wide as they are; a frame covers four pixels, about a quarter of a letter. What is half as
high again as wide is read upright and turned to either side, and the likeliest reading is kept.

Two CPU cores take three quarters of an hour: 190 pictures a step of both processes, 600 a second.
"""

from glyphic.core.options import DecodingOptions, InputSpec
from glyphic.core.recipe import DataSpec, ModelSpec, Recipe, TrainingSpec

RECIPE = Recipe(
    name="text-synthetic",
    notation="text",
    model=ModelSpec(
        extraction="resnet23", extraction_parameters={"channels": [48, 80, 128, 192]},
        refinement="bilstm", refinement_parameters={"layers": 2, "width": 192},
        generation="ctc", generation_parameters={"width": 192},
    ),
    input=InputSpec(line_height=32, margin=0, max_height=32, max_width=1024, multiple=32, turned_from=1.5),
    data=DataSpec(scale_jitter=0.25, max_tokens=40, max_pixels=32 * 1024, validation=1000),
    training=TrainingSpec(
        steps=6_000, pixels=500_000, batch=96, learning_rate=1e-3, muon_rate=0.02, warmup=200,
        curriculum=((500, 6), (1_500, 12)), validate_every=1_500,
    ),
    decoding=DecodingOptions(beam_width=8, sound=True, certain=0.95),  # words are weighed where the frames leave doubt
)

SYNTHETIC = """\
Pictures drawn by the text renderer with some 1,400 faces of Debian's font packages: words of a list of 163,000 (the
vocabulary of MJSynth, Debian's American word list, words of signs and shops), phrases, numbers, prices, dates, codes,
addresses, with borders, shadows, textures, perspective, curves, blur, noise and JPEG."""

LIMITS = """
## Limits

- one line of printed English letters, digits and punctuation (95 characters of ASCII); handwriting was not trained on
- words upside down, on a full circle, or from top to bottom letter under letter are not read
- under 12 pixels of height, whole letters are guesses; small and capital letters of one shape (o, s, x) always are
- text of more than 25 characters was rarely trained on: cut long lines into words
- it reads letters into what holds none: mind the confidence and the warnings
- where the picture leaves doubt, English words are preferred; `--beam 1` does without, `--lexicon` has its own words
"""

NOTES = f"""
## Training data

{SYNTHETIC} No photograph and no scan was trained on.
{LIMITS}"""
