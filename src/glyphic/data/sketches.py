"""A structure in one line of text becomes a drawing as pupils make it: rings, spelled or bare chains, condensed groups.

A chain is written as its labels from left to right with `-`, `=` and `#` between them, branches in square brackets, `.`
for a bare corner: `CH3-C[=O]-Cl`, `HO-.-.[=O]-OH`. Chains of letters run level or upright with their branches across,
bare ones zigzag. A ring is a `Frame`, from whose sites groups hang.
"""

import cmath
import math
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from glyphic.core.errors import NotationError
from glyphic.notations.molecule import texts
from glyphic.notations.molecule.graph import Atom, Bond, BondKind, Drawing, circle_around

KINDS = {"-": BondKind.SINGLE, "=": BondKind.DOUBLE, "#": BondKind.TRIPLE}
CROWDED = 0.6  # bonds: atoms that come so near would be drawn over each other

# a group -> how it is written where its bond comes from the right; others are the same from both sides
TURNED = {
    "CH3": "H3C", "OH": "HO", "COOH": "HOOC", "CHO": "OHC", "NH2": "H2N", "NO2": "O2N", "SO3H": "HO3S",
    "CH2OH": "HOH2C",
    "OCH3": "H3CO", "CN": "NC", "ONa": "NaO", "COONa": "NaOOC", "C2H5": "H5C2", "OC2H5": "H5C2O", "CH2Br": "BrH2C",
    "CH2Cl": "ClH2C", "COOCH3": "H3COOC", "COOC2H5": "H5C2OOC", "COCH3": "H3COC", "OOCCH3": "H3CCOO", "CH2": "H2C",
    "NHCOCH3": "H3COCHN", "CONH2": "H2NOC", "CF3": "F3C", "NH": "HN", "CH": "HC", "COCl": "ClOC", "NHCH3": "H3CHN",
    "CH2NH2": "H2NH2C", "CH2COOH": "HOOCH2C", "SO2NH2": "H2NO2S", "NHNH2": "H2NHN", "C3H7": "H7C3", "SH": "HS",
    "CH2CH3": "H3CH2C", "NHOH": "HOHN", "COONH4": "H4NOOC", "CH2CN": "NCH2C", "OCOCH3": "H3COCO", "SO3Na": "NaO3S",
    "CH(CH3)2": "(CH3)2HC", "N(CH3)2": "(CH3)2N", "C(CH3)2OH": "HO(CH3)2C", "CH2CH2OH": "HOH2CH2C", "CCl3": "Cl3C",
    "CONHCH3": "H3CHNOC", "COONH3": "H3NOOC", "NH3^+Cl^-": "Cl^-H3N^+", "MgBr": "BrMg", "COOC6H5": "H5C6OOC",
}
# a group -> chains of letters, and of bare corners, that it may also be drawn as
SPELLED = {
    "COOH": ("C[=O]-OH", ".[=O]-OH"), "CHO": ("C[=O]-H", ".=O"), "COCH3": ("C[=O]-CH3", ".[=O]-."),
    "COOCH3": ("C[=O]-O-CH3", ".[=O]-O-."), "COOC2H5": ("C[=O]-O-CH2-CH3;C[=O]-O-C2H5", ".[=O]-O-.-."),
    "CH2OH": ("CH2-OH", ".-OH"), "CH2Br": ("CH2-Br", ".-Br"), "CH2Cl": ("CH2-Cl", ".-Cl"), "OCH3": ("O-CH3", "O-."),
    "C2H5": ("CH2-CH3", ".-."), "CH2CH3": ("CH2-CH3", ".-."), "CONH2": ("C[=O]-NH2", ".[=O]-NH2"),
    "COONa": ("C[=O]-ONa", ".[=O]-ONa"), "COCl": ("C[=O]-Cl", ".[=O]-Cl"), "OC2H5": ("O-CH2-CH3", "O-.-."),
    "OOCCH3": ("O-C[=O]-CH3", "O-.[=O]-."), "NHCOCH3": ("NH-C[=O]-CH3", "NH-.[=O]-."), "CN": ("C#N", ".#N"),
    "CH2CH2OH": ("CH2-CH2-OH", ".-.-OH"), "CH2CH2Br": ("CH2-CH2-Br", ".-.-Br"), "CH2COOH": ("CH2-COOH", ".-.[=O]-OH"),
    "CH2CH2NH2": ("CH2-CH2-NH2", ".-.-NH2"), "CH2NH2": ("CH2-NH2", ".-NH2"), "C3H7": ("CH2-CH2-CH3", ".-.-."),
    "NHCH3": ("N[-H]-CH3;NH-CH3", "NH-."), "COONH4": ("C[=O]-ONH4", ".[=O]-ONH4"), "CH3": ("CH3", "."),
    "CH(CH3)2": ("CH[-CH3]-CH3", ".[-.]-."), "CHBrCH3": ("CH[-Br]-CH3", ".[-Br]-."),
    "CH(OH)CH3": ("CH[-OH]-CH3", ".[-OH]-."), "CHBrCH2Br": ("CH[-Br]-CH2-Br;CH[-Br]-CH2Br", ".[-Br]-.-Br"),
    "CH=CH2": ("CH=CH2", ".=."), "CH=CHCHO": ("CH=CH-CHO", ".=.-CHO"), "CH=CHCOOH": ("CH=CH-COOH", ".=.-COOH"),
    "CH(OH)CN": ("CH[-OH]-CN", ".[-OH]-CN"), "CH(OH)COOH": ("CH[-OH]-COOH", ".[-OH]-COOH"), "C#CH": ("C#CH", ".#."),
    "CHClCH3": ("CH[-Cl]-CH3", ".[-Cl]-."), "CH2CH2Cl": ("CH2-CH2-Cl", ".-.-Cl"), "CH2CHO": ("CH2-CHO", ".-CHO"),
    "CH=NOH": ("CH=N-OH", ".=N-OH"), "CH(NH2)COOH": ("CH[-NH2]-COOH", ".[-NH2]-COOH"),
    "C(CH3)2OH": ("C[-CH3][-CH3]-OH", ".[-.][-.]-OH"), "C(CH3)=CH2": ("C[-CH3]=CH2", ".[-.]=."),
}


@dataclass(frozen=True)
class Link:
    """A label of a chain, the bond that leads to it, what branches off there and what follows."""

    text: str
    bond: str
    sides: "tuple[Link, ...]" = ()
    following: "Link | None" = None


def parsed(chain: str) -> Link:
    """A chain as text -> its first link; a bond may lead to it (`=O`)."""
    words = re.findall(r"[-=#\[\]]|(?:\^.|[^-=#\[\]])+", chain)  # the sign of a charge is no bond

    def links(at: int) -> tuple[Link, int]:
        bond = words[at] if words[at] in KINDS else "-"
        at += words[at] in KINDS
        text, sides, following = words[at], [], None
        at += 1
        while at < len(words) and words[at] == "[":
            side, at = links(at + 1)
            sides.append(side)
            at += 1
        if at < len(words) and words[at] in KINDS:
            following, at = links(at)
        return Link("" if text == "." else text, bond, tuple(sides), following), at

    return links(0)[0]


def spelled(group: str, manner: str, rng: random.Random) -> str:
    """A group as a chain: in the manner "label" one label where it has no double bond, else "letters" or "bare"."""
    if group not in SPELLED or (manner == "label" and not re.search("[=#]", group)):
        return group
    letters, bare = SPELLED[group]
    return bare if manner == "bare" else rng.choice(letters.split(";"))


@dataclass
class Sketch:
    """A drawing that grows; places are in bonds, y upwards."""

    labels: list[str] = field(default_factory=list)
    places: list[complex] = field(default_factory=list)
    bonds: list[Bond] = field(default_factory=list)
    rings: list[list[int]] = field(default_factory=list)  # those with circles

    def atom(self, text: str, place: complex) -> int:
        self.labels.append(texts.canonical(text))
        self.places.append(place)
        return len(self.places) - 1

    def hang(self, link: Link, at: int, angle: float, rng: random.Random, level: bool = False) -> None:
        """A chain on an atom, its first bond in this direction (degrees). level: bare corners count as letters."""
        here = self.atom(_facing(link.text, angle), self.places[at] + _arm(angle))
        self.bonds.append(Bond(at, here, KINDS[link.bond]))
        self._goes_on(link, here, angle, rng, level)

    def begin(self, link: Link, rng: random.Random, angle: float = 0.0) -> None:
        """A chain by itself, towards `angle`; a bare one zigzags about it."""
        here = self.atom(link.text, 0j)
        bare = _is_bare(link)
        self._goes_on(link, here, angle - 30 if bare else angle, rng, False, first=True)

    def _goes_on(self, link: Link, here: int, angle: float, rng: random.Random, level: bool,
                 first: bool = False) -> None:
        after = link.following
        count = len(link.sides) + (after is not None)
        if _is_bare(link) and not level:
            turn = rng.choice((60.0, -60.0)) if not first else 60.0
            if link.bond == "#" or (after and after.bond == "#"):
                turn = 0.0
            if not first and 90 < angle % 360 < 270 and abs(angle % 360 - 180) < 45:
                turn = -turn
            wanted = [angle + turn, *((angle - turn,) if len(link.sides) == 1 else (angle - turn, angle))]
        else:
            heading = angle if first else _levelled(angle, rng)
            ends = after is not None and len(link.sides) == 1 and not (
                after.following or link.sides[0].following or after.sides or link.sides[0].sides)
            if ends and link.sides[0].text != "O" and rng.random() < 0.4:
                spread = rng.choice((45.0, 45.0, 60.0))
                wanted = [heading - spread, heading + spread]
            else:
                side = 90.0 if rng.random() < 0.65 else -90.0
                wanted = [heading, heading + side, heading - side]
                if first and len(link.sides) > 2:
                    wanted.append(heading + 180.0)
        chosen = list(zip(([after] if after else []) + list(link.sides),
                          wanted if after else wanted[1:], strict=False))
        assert len(chosen) == count
        for other, towards in chosen:
            self.hang(other, here, towards, rng, level)

    def drawing(self, turn: float = 0.0) -> Drawing:
        """What was sketched; NotationError where atoms lie over each other."""
        for i, place in enumerate(self.places):
            if any(abs(place - other) < CROWDED for other in self.places[:i]):
                raise NotationError("atoms lie over each other: draw it otherwise")
        spin = _arm(turn)
        atoms = [Atom(text, (place * spin).real, -(place * spin).imag)
                 for text, place in zip(self.labels, self.places, strict=True)]
        circles = tuple(circle_around(atoms, ring) for ring in self.rings)
        return Drawing(tuple(atoms), tuple(self.bonds), circles)


def _arm(angle: float) -> complex:
    return cmath.rect(1.0, math.radians(angle))


def _is_bare(link: Link) -> bool:
    return not link.text or (bool(link.following) and not link.following.text)  # type: ignore[union-attr]


def _facing(text: str, angle: float) -> str:
    """A label as it is written where its bond comes from the right; the labels of a chain are turned one by one."""
    return TURNED.get(text, text) if 110 < angle % 360 < 250 else text


def _levelled(angle: float, rng: random.Random) -> float:
    """Where a chain of letters goes on: along the line, or upright where it began so."""
    angle %= 360
    if abs(angle - 90) < 20 or abs(angle - 270) < 20:
        return angle if rng.random() < 0.3 else 0.0
    return 180.0 if 90 < angle < 270 else 0.0


# ---- rings


@dataclass(frozen=True)
class Frame:
    """A ring or two: the labels around it, its double bonds, whether it may have a circle; `fused`: with a benzene."""

    labels: tuple[str, ...]
    doubles: tuple[int, ...] = ()
    aromatic: bool = False
    fused: bool = False


FRAMES = {
    "benzene": Frame(("",) * 6, (0, 2, 4), True), "naphthalene": Frame(("",) * 6, (0, 2, 4), True, True),
    "pyridine": Frame(("N", *("",) * 5), (0, 2, 4), True), "furan": Frame(("O", *("",) * 4), (1, 3)),
    "thiophene": Frame(("S", *("",) * 4), (1, 3)), "pyrimidine": Frame(("N", "", "N", "", "", ""), (0, 2, 4), True),
    "cyclohexane": Frame(("",) * 6), "cyclopentane": Frame(("",) * 5), "cyclohexene": Frame(("",) * 6, (2,)),
    "cyclobutane": Frame(("",) * 4), "oxane": Frame(("O", *("",) * 5)), "piperidine": Frame(("NH", *("",) * 5)),
    "dioxole": Frame(("O", "", "O", "", ""), (), False, True), "cyclohexadiene": Frame(("",) * 6, (1, 4)),
}


def framed(sketch: Sketch, frame: Frame, rng: random.Random, circled: bool) -> list[tuple[int, float]]:
    """Draws a ring; -> its sites, as atom and the direction outwards, around the ring."""
    size = len(frame.labels)
    radius = 0.5 / math.sin(math.pi / size)
    first = rng.choice((90.0, 90.0, 0.0)) if size == 6 else 90.0 if size == 5 else 45.0
    first += 360.0 / size * rng.randrange(size)
    angles = [first - 360.0 / size * i for i in range(size)]
    atoms = [sketch.atom(label, radius * _arm(angle)) for label, angle in zip(frame.labels, angles, strict=True)]
    shift = rng.randrange(2) if len(frame.doubles) == 3 else 0
    doubles = {(i + shift) % size for i in frame.doubles}
    circles, circled = circled, circled and frame.aromatic
    for i in range(size):
        kind = BondKind.DOUBLE if i in doubles and not circled else BondKind.SINGLE
        sketch.bonds.append(Bond(atoms[i], atoms[(i + 1) % size], kind))
    if circled:
        sketch.rings.append(atoms)
    sites = [(atom, angle) for atom, angle, label in zip(atoms, angles, frame.labels, strict=True) if not label]
    if not frame.fused:
        return sites
    a, b = (3, 4) if size == 5 else (2, 3)
    across = (sketch.places[atoms[a]] + sketch.places[atoms[b]]) / 2
    centre = across + across / abs(across) * math.sqrt(3) / 2
    arm = sketch.places[atoms[b]] - centre
    spin = (sketch.places[atoms[a]] - centre) / arm
    sense = -60.0 if cmath.phase(spin) > 0 else 60.0
    other = [atoms[a], atoms[b]]
    for k in range(1, 5):
        other.append(sketch.atom("", centre + arm * _arm(sense * k)))
    full = {2, 4} if frame.aromatic else {1, 3, 5}  # in the first case a and b have their double bonds already
    for k in range(1, 6):
        kind = BondKind.DOUBLE if k in full and not circles else BondKind.SINGLE
        sketch.bonds.append(Bond(other[k], other[(k + 1) % 6], kind))
    if circles:
        sketch.rings.append(other)
    bare = [(atom, math.degrees(cmath.phase(sketch.places[atom] - centre))) for atom in other[2:]]
    return [site for site in sites if site[0] not in (atoms[a], atoms[b])] + bare


def outwards(angle: float, rng: random.Random, habit: float) -> float:
    """The direction of a group's bond: straight outwards, or as many write it, level or by 45 degrees."""
    angle %= 360
    for corner, level in ((30, 0), (330, 360), (150, 180), (210, 180)):
        if abs(angle - corner) < 1:
            return level if habit < 0.3 else angle + (15 if corner in (30, 210) else -15) if habit < 0.5 else angle
    return angle


def substituted(frame: Frame, groups: Sequence[tuple[int, str]], manner: str, circled: bool, seed: int,
                last: str = "") -> Drawing:
    """A ring with groups at sites (numbers, around it), `last` at the first site that the others leave free, or none.

    The layout follows from the seed, whatever `last` is: a reactant and its product look alike.
    """
    rng = random.Random(seed)
    sketch = Sketch()
    sites = framed(sketch, frame, rng, circled)
    habit = rng.random()
    taken = set()
    for number, group in groups:
        site = number % len(sites)
        if site in taken:
            continue
        taken.add(site)
        _at(sketch, sites[site], group, manner, habit, rng)
    if last:
        free = [i for i in range(len(sites)) if i not in taken]
        if not free:
            raise NotationError("the ring has no free site")
        _at(sketch, sites[rng.choice(free)], last, manner, habit, rng)
    return sketch.drawing()


def _at(sketch: Sketch, site: tuple[int, float], group: str, manner: str, habit: float, rng: random.Random) -> None:
    atom, angle = site
    if manner == "label" and len(group) > 3 and group not in TURNED and 110 < angle % 360 < 250:
        manner = "letters"  # nobody knows how to write it backwards
    sketch.hang(parsed(spelled(group, manner, rng)), atom, outwards(angle, rng, habit), rng)
