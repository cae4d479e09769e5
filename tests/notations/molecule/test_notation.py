"""The molecule notation keeps what every notation promises, without any extra."""

import random
import subprocess
import sys
from dataclasses import replace

from glyphic import notations
from glyphic.notations import conformance
from glyphic.notations.molecule import NOTATION, sampler
from glyphic.notations.molecule.graph import Arrow, BondKind
from glyphic.notations.molecule.tokens import VOCABULARY


def test_it_keeps_the_promises_of_every_notation():
    conformance.check(replace(NOTATION, render=None, render_many=None))
    assert notations.get("molecule") is NOTATION


def test_samples_meet_every_part_of_the_notation():
    schemes = [sampler.scheme(random.Random(seed)) for seed in range(400)]
    drawings = [drawing for scheme in schemes for drawing in scheme.drawings]
    assert {bond.kind for drawing in drawings for bond in drawing.bonds} == set(BondKind)
    assert any(drawing.circles for drawing in drawings) and any(len(d.components) > 1 for d in drawings)
    arrows = [part for scheme in schemes for part in scheme.parts if isinstance(part, Arrow)]
    assert any(arrow.above for arrow in arrows) and any(arrow.below for arrow in arrows)
    assert {len(d.bonds) - len(d.atoms) + len(d.components) for d in drawings} >= {0, 1, 2, 3}  # rings


def test_a_target_has_one_token_for_a_corner_and_no_more_than_a_few_hundred_kinds():
    assert len(VOCABULARY) < 600
    chain = " ".join(("[:30]", "[:330]") * 5)
    assert len(NOTATION.tokenizer.encode(chain)) == 10


def test_targets_need_no_chemistry_and_no_pictures():
    code = ("import sys; import glyphic.notations.molecule.target, glyphic.notations.molecule.ssml; "
            "print([m for m in ('rdkit', 'PIL', 'torch', 'onnxruntime') if m in sys.modules])")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
