"""What kind of picture it is: 0.42 million parameters that tell formulas, molecules, staves, lines of text and all else
apart, in a few milliseconds.

    glyphic synth formula DATA/formula --packs 1          # and so on: one folder for each kind
    glyphic train kind --data DATA

DATA has a folder for each kind of `glyphic.core.kinds.KINDS` with packs, pictures or InkML; `none` and long lines of
text are made on the way.
"""

from glyphic.core.recipe import KindRecipe, TrainingSpec

RECIPE = KindRecipe(
    name="kind",
    blocks=(0, 1, 2, 4),
    training=TrainingSpec(
        steps=2_500, batch=64, learning_rate=3e-3, optimizer="adamw", weight_decay=0.02, warmup=100, final=0.01,
        label_smoothing=0.03, ema=0.995, log_every=50, validate_every=500, checkpoint_minutes=2.0,
    ),
)

NOTES = """\
## Training data

Printed formulas (LaTeX and MathJax), printed and handwritten molecules, staves (Verovio) and words drawn by programs,
as the packs of the other models hold them; handwritten formulas drawn from the ink of CROHME 2016's training set (CC
BY-NC-SA 3.0: mind it where you use this model for profit); cropped words of the training splits of IIIT5K, SVT, ICDAR
2003 and 2015 (research benchmarks, no licence stated); scans of molecules of TREC and USAN (no licence stated). What
is no kind is drawn: blank and ruled paper, noise, textures, dead leaves, shapes, plots, tables, paragraphs, mixed
pages, several staves; and parts of some 3,500 photographs and pictures, of Open Clip Art, Tux Paint's stamps, OpenCV's
documentation, KGeography, Marble, GCompris, KHangman, SuperTux, and of the backgrounds of MATE, GNOME, Plasma, Sway,
UKUI and Lomiri.

## Limits

- one notation in a picture: of a page that holds several it says `none`
- a single letter may be a formula as well as a text, and it cannot know which
- scripts other than Latin, handwritten text, photographs of whole blackboards: not trained on
"""
