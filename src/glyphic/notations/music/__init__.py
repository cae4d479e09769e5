"""The music notation: one monophonic staff as the PrIMuS semantic encoding, and the formats that programs open."""

import random
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from glyphic.core import staves
from glyphic.core.errors import NotationError
from glyphic.core.images import symbol_size
from glyphic.core.notation import Notation, Placing, Rendering
from glyphic.core.vocabulary import Vocabulary
from glyphic.notations.music import checks, familiarity, placement, plausibility
from glyphic.notations.music.abc import to_abc
from glyphic.notations.music.agnostic import to_agnostic
from glyphic.notations.music.grammar import MusicGrammar
from glyphic.notations.music.mei import to_mei
from glyphic.notations.music.metrics import METRICS
from glyphic.notations.music.midi import to_midi_base64
from glyphic.notations.music.musicxml import to_musicxml
from glyphic.notations.music.pae import to_pae
from glyphic.notations.music.sampler import sample
from glyphic.notations.music.semantic import Staff, canonical, parse, write
from glyphic.notations.music.spans import spans
from glyphic.notations.music.tokens import VOCABULARY, from_tokens, to_tokens


class MusicTokenizer:
    """Semantic words <-> ids of the closed vocabulary; its blank, for CTC, is never written by a step model."""

    vocabulary: Vocabulary = VOCABULARY

    def encode(self, text: str) -> list[int]:
        """Semantic words, separated by blanks or tabs -> ids; NotationError with the position otherwise."""
        return self.vocabulary.encode(to_tokens(canonical(parse(text))))

    def decode(self, ids: Sequence[int]) -> str:
        """Ids -> canonical text; what is no symbol is left out."""
        return write(canonical(from_tokens(self.vocabulary.decode(ids))))


def normalize(text: str) -> str:
    """Semantic words, separated by blanks or tabs -> the official strings with single blanks."""
    return write(canonical(parse(text)))


def _of_text(writer: Callable[[Staff], str]) -> Callable[[str], str]:
    return lambda text: writer(canonical(parse(text)))


def render(text: str, rng: random.Random) -> npt.NDArray[np.uint8]:
    """A staff as engraving programs print it -> (H, W) uint8; NotationError for one that Verovio cannot set."""
    made = render_many([text], rng)[0]
    if made is None:
        raise NotationError("this staff cannot be engraved: every symbol needs a place of its own, a tie an end", text)
    return made.pixels


def render_many(texts: Sequence[str], rng: random.Random, look: str = "clean") -> list[Rendering | None]:
    """Texts -> pictures, each in a random style: "clean", as a "camera" sees them, or "mixed"; None as for `render`.

    Errors: MissingExtraError without the extra [music].
    """
    from glyphic.notations.music import rendering  # with Pillow, which reading does without

    return rendering.render_many([canonical(parse(text)) for text in texts], rng, look)


def staff_space(ink: npt.NDArray[np.bool_]) -> float:
    """ink: (H, W) -> pixels from staff line to staff line; the usual size of a symbol where there are no lines."""
    staff = staves.find(1 - ink.astype(np.float32))
    return staff.space if staff else symbol_size(ink)


# one of the first PrIMuS incipits, and what else there is
EXAMPLES = (
    "clef-C1\tkeySignature-EbM\ttimeSignature-2/4\tmultirest-23\tbarline\trest-quarter\trest-eighth\tnote-Bb4_eighth\t"
    "barline\tnote-Bb4_quarter.\tnote-G4_eighth\tbarline\tnote-Eb5_quarter.\tnote-D5_eighth\tbarline\tnote-C5_eighth\t"
    "note-C5_eighth\trest-quarter\tbarline",
    "clef-G2 keySignature-CM timeSignature-12/8 gracenote-F##5_sixteenth. note-G5_quarter.._fermata tie barline "
    "clef-F4 note-G5_hundred_twenty_eighth rest-half._fermata timeSignature-C/ note-Bb2_quadruple_whole "
    "keySignature-C#M barline keySignature-CM rest-double_whole.",
)

NOTATION = Notation(
    name="music",
    tokenizer=MusicTokenizer(),
    normalize=normalize,
    metrics=METRICS,
    grammar=MusicGrammar(),
    render=render,
    render_many=render_many,
    looks=("clean", "camera", "mixed"),
    sample=sample,
    measure=staff_space,
    staves=True,
    placing=Placing(placement.places, plausibility.doubts, {}),
    remarks=checks.remarks,
    checks=checks.checks,
    prior=familiarity.log_prior,
    spans=spans,
    examples=EXAMPLES,
    formats={
        "musicxml": _of_text(to_musicxml),
        "mei": _of_text(to_mei),
        "pae": _of_text(to_pae),
        "abc": _of_text(to_abc),
        "midi": _of_text(to_midi_base64),  # in base64, as formats are texts
        "agnostic": _of_text(to_agnostic),
        "bars": checks.as_lines,
    },
)
