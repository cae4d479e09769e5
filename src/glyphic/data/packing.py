"""A folder of real labelled pictures becomes a pack to train on, cropped and levelled as a reading does it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glyphic.core import images
from glyphic.core.errors import ImageError, NotationError, OptionError
from glyphic.core.notation import Notation
from glyphic.core.options import InputSpec
from glyphic.core.results import Sample
from glyphic.data import staves
from glyphic.data.packs import PackWriter

TALLEST = 2  # times the height that a line is read at: more detail than that is only weight


@dataclass(frozen=True)
class Refused:
    """A picture that is not in the pack, and why."""

    sample: Sample
    reason: str


def pack_folder(path: Path, samples: Sequence[Sample], notation: Notation, spec: InputSpec,
                load: Callable[[Path], images.Image], max_tokens: int = 160) -> Iterator[Refused | None]:
    """Packs the samples for networks of this spec into one file; yields for each None, or why it was left out.

    load: reads a picture as (H, W) in [0, 1]. Left out are pictures that are damaged or blank, lines that may lie on
    their side, and labels that the notation cannot hold, that are empty, or longer than max_tokens. Errors: OptionError
    where none is left.
    """
    writer = PackWriter(notation.tokenizer.vocabulary)
    for sample in samples:
        try:
            target = notation.tokenizer.encode(sample.text)
            if not 0 < len(target) <= max_tokens:
                raise NotationError(f"a label of {len(target)} tokens; wanted are 1 to {max_tokens}")
            picture = load(sample.path)
            clean, box = images.cleaned(picture, spec)
            if box is None:
                raise ImageError("the picture is blank")
        except (NotationError, ImageError) as error:
            yield Refused(sample, str(error))
            continue
        if spec.staff_space:
            level, space, _ = staves.laid(picture)
            writer.add(level, space, target)
            yield None
            continue
        left, top, right, bottom = box
        if spec.line_height and spec.turned_from and len(target) > 1 and (
                bottom - top >= spec.turned_from * (right - left)):
            yield Refused(sample, "taller than wide: the line may lie on its side")
            continue
        crop = clean[top:bottom, left:right]
        if spec.line_height and len(crop) > TALLEST * spec.line_height:
            scale = TALLEST * spec.line_height / len(crop)
            crop = images.resize(crop, TALLEST * spec.line_height, max(1, round(crop.shape[1] * scale)))
        # of a scene's letters, components say little; most of a line's height is letter
        size = 0.6 * len(crop) if spec.line_height else notation.measure(crop < images.INK)
        writer.add((crop * 255).round().astype(np.uint8), size, target)
        yield None
    if not len(writer):
        raise OptionError(f"none of {len(samples)} samples can be packed for {notation.name}")
    path.parent.mkdir(parents=True, exist_ok=True)
    writer.write(path)
