"""Typefaces for labels: the fonts of this machine that journals, patents and programs set chemistry in, and measures.

The faces are those of notations/text_fonts.py. What the chosen face lacks (Greek, arrows, Chinese) comes from another
one that has it. Chinese needs a Chinese font: Debian's fonts-lxgw-wenkai and fonts-arphic-gkai00mp are written ones,
fonts-wqy-microhei is a printed one.
"""

import os
import random
from dataclasses import dataclass, field
from functools import cache, lru_cache

from PIL import ImageFont

from glyphic.core.errors import NotationError
from glyphic.notations import text_fonts
from glyphic.notations.molecule.rendering.labels import Box
from glyphic.notations.text_fonts import Face

# file names without their suffix begin so; the first that is installed is taken more often than the others
FAMILIES = {
    "helvetica": ("LiberationSans-Regular", "Arimo-Regular", "NimbusSans-Regular", "texgyreheros-regular", "FreeSans",
                  "DejaVuSans", "Inter-Regular", "Roboto-Regular", "OpenSans-Regular", "Cantarell-Regular",
                  "Carlito-Regular", "Lato-Regular", "ClearSans-Regular", "Karla-Regular", "NotoSans-Regular"),
    "helvetica-bold": ("LiberationSans-Bold", "Arimo-Bold", "NimbusSans-Bold", "texgyreheros-bold", "FreeSansBold",
                       "DejaVuSans-Bold"),
    "narrow": ("LiberationSansNarrow-Regular", "NimbusSansNarrow-Regular", "DejaVuSansCondensed", "texgyreheroscn"),
    "times": ("LiberationSerif-Regular", "Tinos-Regular", "NimbusRoman-Regular", "texgyretermes-regular", "FreeSerif",
              "STIX-Regular", "STIXGeneral-Regular", "OldStandard-Regular", "C059-Roman", "LinLibertine_R",
              "DejaVuSerif", "Caladea-Regular"),
    "times-bold": ("LiberationSerif-Bold", "Tinos-Bold", "NimbusRoman-Bold", "texgyretermes-bold", "FreeSerifBold"),
    "roman": ("lmroman10-regular", "lmroman12-regular", "lmroman8-regular", "GFSDidot", "OldStandard-Regular",
              "EBGaramond12-Regular", "CharisSIL-R", "P052-Roman", "texgyrepagella-regular"),
    "typewriter": ("LiberationMono-Regular", "FreeMono", "NimbusMonoPS-Regular", "texgyrecursor-regular", "Courier",
                   "DejaVuSansMono", "lmmono10-regular", "CourierPrime", "OCRB", "GNUTypewriter"),
    "drafted": ("routed-gothic", "RoutedGothic", "osifont", "opendin", "DIN", "B612-Regular"),
    "handwritten": ("SteveHand", "dkg", "Breip", "breipfont", "Rufscript", "Ecolier-court", "ComicNeue-Light",
                    "ComicNeue-Regular", "Domestic_Manners", "LXGWWenKai-Light", "LXGWWenKai-Regular",
                    "KleeOne-Regular", "setofont", "YuseiMagic-Regular"),
    "chinese": ("wqy", "NotoSansCJK", "NotoSerifCJK", "uming", "gbsn00lp", "DroidSansFallback", "gkai00mp",
                "LXGWWenKai-Regular", "SmileySans"),
    "chinese-handwritten": ("LXGWWenKai-Light", "LXGWWenKai-Regular", "gkai00mp", "ukai"),
}
CHINESE = "\u2e80"  # from this character on
LOOSE = ("chinese", "chinese-handwritten", "drafted")  # families of files whose names go on in many ways


@cache
def family(name: str) -> tuple[Face, ...]:
    """The installed faces of a family, in its order; upright ones of any kind where it has none."""
    stems = [(os.path.basename(face.path).rsplit(".", 1)[0], face) for face in text_fonts.faces() if not face.capitals]
    found = [face for wanted in FAMILIES[name] for stem, face in stems
             if stem == wanted or (name in LOOSE and stem.startswith(wanted))]
    return tuple(dict.fromkeys(found)) or tuple(sorted((face for _, face in stems), key=lambda f: -f.weight)[:6])


def choose(name: str, rng: random.Random) -> Face:
    """A face of a family: the first half of the time, else any."""
    faces = family(name)
    return faces[0] if rng.random() < 0.4 else rng.choice(faces)


@lru_cache(maxsize=1024)
def _others(character: str, chinese: str) -> tuple[Face, ...]:
    """The faces that draw a character that labels' faces often lack: plain ones, or all where none does."""
    known = (chinese, "chinese", "helvetica", "times") if character >= CHINESE else ("helvetica", "times")
    plain = tuple(face for name in known for face in family(name) if face.covers(character))
    return plain or tuple(face for face in text_fonts.faces() if face.covers(character))


@lru_cache(maxsize=8192)
def _box(face: Face, size: int, character: str) -> tuple[float, Box]:
    font = text_fonts.opened(face, size)
    left, top, right, bottom = font.getbbox(character, anchor="ls")
    return float(font.getlength(character)), (float(left), float(top), float(right), float(bottom))


@lru_cache(maxsize=512)
def _em(face: Face, character: str) -> float:
    """The size of the face, in pixels an em, for capitals (of a Chinese face: characters) of one pixel."""
    top = -_box(face, 200, character)[1][1]
    return 200.0 / max(top, 40.0)


@dataclass
class Type:
    """A typeface that labels are set in, and those that step in for it."""

    face: Face
    rng: random.Random
    chinese: str = "chinese"  # the family that Chinese comes from
    chosen: dict[str, Face] = field(default_factory=dict)

    def of(self, character: str) -> Face:
        """The face that draws a character; NotationError where no installed font has it."""
        found = self.chosen.get(character)
        if found is None:
            if self.face.covers(character):
                found = self.face
            else:
                others = _others(character, self.chinese)
                if not others:
                    raise NotationError(f"no installed font draws {character!r}; install one that does (for Chinese: "
                                        "apt-get install fonts-lxgw-wenkai)", character, 0)
                found = self.rng.choice(others[:3]) if character >= CHINESE else others[0]
            self.chosen[character] = found
        return found

    def font(self, character: str, size: float) -> ImageFont.FreeTypeFont:
        """The font, at the size at which its capitals are `size` pixels high."""
        face = self.of(character)
        return text_fonts.opened(face, max(4, round(size * _em(face, "H"))))

    def measure(self, character: str, size: float) -> tuple[float, Box]:
        face = self.of(character)
        return _box(face, max(4, round(size * _em(face, "H"))), character)
