"""A few of the machine's faces, checked here: these tests need no hundreds, and no cache of the user's."""

import shutil

import pytest

from glyphic.core.errors import GlyphicError
from glyphic.notations import text_fonts
from glyphic.notations.molecule.rendering import lettering


@pytest.fixture(scope="package", autouse=True)
def some_faces(tmp_path_factory):
    if shutil.which("fc-list") is None:
        pytest.skip("needs fc-list (apt-get install fontconfig)")
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    lines = text_fonts._listing().splitlines()
    wanted = ("DejaVuSans.ttf", "DejaVuSerif.ttf", "LiberationSans-Regular.ttf", "LiberationSerif-Regular.ttf",
              "FreeSans.otf", "SteveHand.ttf", "LXGWWenKai-Light.ttf", "SmileySans-Oblique.ttf")
    chosen = [line for line in lines if line.split("|", 1)[0] in wanted]
    patch.setattr(text_fonts, "_listing", lambda: "\n".join(chosen or lines[:6]))
    _forget()
    try:
        text_fonts.faces()
    except GlyphicError as error:
        pytest.skip(str(error))
    yield
    patch.undo()
    _forget()


def _forget():
    for kept in (text_fonts.faces, text_fonts._weighted, lettering.family, lettering._others):
        kept.cache_clear()
