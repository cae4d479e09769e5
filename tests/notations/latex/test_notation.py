"""The formula notation keeps what every notation promises."""

from dataclasses import replace

import pytest

from glyphic.notations import conformance
from glyphic.notations.latex import NOTATION
from glyphic.notations.latex.tree import VOCABULARY


def test_it_keeps_the_promises_of_every_notation():
    conformance.check(replace(NOTATION, render=None, render_many=None))


@pytest.mark.tex
def test_its_pictures_keep_theirs(tex):
    conformance.check(NOTATION, count=12, renders=6)


def test_its_vocabulary_is_the_one_that_models_were_trained_with():
    """Ids are stored in packs and bundles: tokens are added at the end or not at all."""
    import hashlib

    assert len(VOCABULARY) == 890
    assert hashlib.sha256("\n".join(VOCABULARY.tokens).encode()).hexdigest().startswith("65c8947dae824e8b")
