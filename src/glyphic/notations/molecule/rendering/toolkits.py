"""A molecule of RDKit as RDKit or Indigo draw it: the picture, and the drawing that it shows, with labels as they are.

Which labels RDKit draws (H2N or NH2, an abbreviation from either end, a hydrogen above or below) is read from its own
SVG, so that the drawing fits the picture. RDKit says where its atoms are: the marks. Indigo (the package epam.indigo)
says nothing; it is told to draw no hydrogens, so that its labels are known, and has no marks.
"""

import io
import math
import random
import re
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from glyphic.core.errors import MissingExtraError
from glyphic.core.notation import Rendering
from glyphic.notations.molecule import texts
from glyphic.notations.molecule.graph import Atom, Bond, BondKind, Drawing
from glyphic.notations.molecule.rendering.composition import BARE, Mark, bond_name

_LETTER = re.compile(r"<text x='([-\d.]+)' y='([-\d.]+)' class='atom-(\d+)' style='font-size:(\d+)px[^>]*>"
                     r"([^<]*)</text>")
_ESCAPED = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&#39;": "'", "&quot;": '"'}


def drawn_by_rdkit(mol: Any, rng: random.Random, abbreviated: float = 0.35) -> tuple[Rendering, Drawing]:
    """An RDKit molecule (its layout is made where it has none) in a random style of RDKit's.

    abbreviated: how likely its usual abbreviations are used. Errors: MissingExtraError without RDKit, NotationError
    for a label that no token holds.
    """
    try:
        from rdkit import Chem
        from rdkit.Chem import rdAbbreviations
        from rdkit.Chem.Draw import rdMolDraw2D
    except ImportError as error:
        raise MissingExtraError("drawing with RDKit", "chem") from error
    if rng.random() < abbreviated:
        mol = rdAbbreviations.CondenseMolAbbreviations(mol, rdAbbreviations.GetDefaultAbbreviations(), 0.8)
    mol = rdMolDraw2D.PrepareMolForDrawing(mol, kekulize=rng.random() < 0.96, addChiralHs=rng.random() < 0.5)
    set_options = _rdkit_style(rng, [atom.GetIdx() for atom in mol.GetAtoms()])
    canvas, svg = rdMolDraw2D.MolDraw2DCairo(-1, -1), rdMolDraw2D.MolDraw2DSVG(-1, -1, -1, -1, True)
    for one in (canvas, svg):
        kept = set_options(one.drawOptions())
        one.DrawMolecule(mol, **kept)
        one.FinishDrawing()
    pixels = _grey(canvas.GetDrawingText())
    points = [canvas.GetDrawCoords(i) for i in range(mol.GetNumAtoms())]
    places = [(point.x, point.y) for point in points]
    bonds = [Bond(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), _kind(bond, Chem)) for bond in mol.GetBonds()]
    drawing = _drawing(places, _labels(svg.GetDrawingText()), bonds)
    lengths = [math.dist(places[bond.begin], places[bond.end]) for bond in bonds]
    return Rendering(pixels, _marks(drawing, places, pixels), median(lengths) if lengths else None), drawing


def _rdkit_style(rng: random.Random, atoms: list[int]) -> Callable[[Any], dict[str, Any]]:
    """A function that sets one random choice of RDKit's options on a canvas and says what to draw it with."""
    scale, width = rng.uniform(11.0, 30.0), rng.choice((1, 1, 1.5, 2, 2, 3))
    turn = rng.choice((0.0, 0.0, rng.uniform(0.0, 360.0)))
    values = {
        "scalingFactor": scale, "bondLineWidth": width, "scaleBondWidth": rng.random() < 0.2, "rotate": turn,
        "multipleBondOffset": rng.uniform(0.1, 0.2), "padding": rng.uniform(0.01, 0.12),
        "baseFontSize": rng.uniform(0.45, 0.8), "minFontSize": 9, "maxFontSize": 40,
        "additionalAtomLabelPadding": rng.choice((0.0, 0.0, rng.uniform(0.0, 0.12))),
        "explicitMethyl": rng.random() < 0.25, "comicMode": rng.random() < 0.12,
        "singleColourWedgeBonds": rng.random() < 0.3, "dummiesAreAttachments": False,
        "includeRadicals": False, "prepareMolsBeforeDrawing": False}
    palette = rng.choice(("useBWAtomPalette", "useBWAtomPalette", "useDefaultAtomPalette", "useAvalonAtomPalette",
                          "useCDKAtomPalette"))
    paper = (1.0, 1.0, 1.0) if rng.random() < 0.8 else tuple(rng.uniform(0.75, 1.0) for _ in range(3))
    chosen = rng.sample(atoms, min(len(atoms), rng.randint(1, 6))) if rng.random() < 0.1 else []
    colour = tuple(rng.uniform(0.6, 1.0) for _ in range(3))

    def set_options(options: Any) -> dict[str, Any]:
        for name, value in values.items():
            setattr(options, name, value)
        getattr(options, palette)()
        options.setBackgroundColour(paper)
        if chosen:
            options.setHighlightColour(colour)
        return {"highlightAtoms": chosen} if chosen else {}

    return set_options


def _labels(svg: str) -> dict[int, str]:
    """RDKit's SVG with letters as text -> the text of each atom that has one, line by line."""
    letters: dict[int, list[tuple[float, float, int, str]]] = {}
    for x, y, atom, size, letter in _LETTER.findall(svg):
        letters.setdefault(int(atom), []).append((float(x), float(y), int(size), _ESCAPED.get(letter, letter)))
    return {atom: _read(found) for atom, found in letters.items()}


def _read(letters: list[tuple[float, float, int, str]]) -> str:
    """Letters with their places and sizes -> a canonical text: small ones above a line are raised."""
    full = max(size for _, _, size, _ in letters)
    baselines = sorted({y for _, y, size, _ in letters if size == full})
    rows: dict[float, list[tuple[float, str]]] = {}
    for x, y, size, letter in letters:
        row = min(baselines, key=lambda base, y=y: abs(base - y))  # type: ignore[misc]
        rows.setdefault(row, []).append((x, "^" + letter if size < full and y < row else letter))
    return texts.canonical("\n".join("".join(piece for _, piece in sorted(rows[row])) for row in sorted(rows)))


# ---- Indigo


def drawn_by_indigo(mol: Any, rng: random.Random) -> tuple[Rendering, Drawing]:
    """An RDKit molecule in a random style of Indigo's, without hydrogens at its labels, and without marks.

    Errors: MissingExtraError without RDKit or Indigo.
    """
    try:
        from indigo import Indigo  # type: ignore[import-not-found, import-untyped, unused-ignore]
        from indigo.renderer import IndigoRenderer  # type: ignore[import-not-found, import-untyped, unused-ignore]
        from rdkit import Chem
        from rdkit.Chem.Draw import rdMolDraw2D
    except ImportError as error:
        raise MissingExtraError("drawing with Indigo", "chem") from error
    mol = rdMolDraw2D.PrepareMolForDrawing(mol, kekulize=True, addChiralHs=False)
    Chem.Kekulize(mol, clearAromaticFlags=True)  # else the molfile would have aromatic bonds, and Indigo draw circles
    _turn(mol, rng.choice((0.0, 0.0, rng.uniform(0.0, 2 * math.pi))))
    session = Indigo()
    renderer = IndigoRenderer(session)
    options = {
        "render-output-format": "png", "render-label-mode": "hetero", "render-implicit-hydrogens-visible": False,
        "render-bond-length": rng.uniform(18, 48), "render-relative-thickness": rng.uniform(0.6, 2.2),
        "render-bond-line-width": rng.uniform(0.8, 2.0), "render-coloring": rng.random() < 0.4,
        "render-margins": (rng.randint(2, 16), rng.randint(2, 16)), "render-stereo-style": "none",
        "render-valences-visible": False,
        "render-background-color": (1.0, 1.0, 1.0)}
    for name, value in options.items():
        session.setOption(name, *value) if isinstance(value, tuple) else session.setOption(name, value)
    block = Chem.MolToMolBlock(mol, kekulize=False)
    pixels = _grey(bytes(renderer.renderToBuffer(session.loadMolecule(block))))
    labels = {}
    for atom in mol.GetAtoms():
        charge = atom.GetFormalCharge()
        special = charge or atom.GetIsotope() or atom.GetNumRadicalElectrons() or not atom.GetDegree()
        if atom.GetSymbol() != "C" or special:
            labels[atom.GetIdx()] = _plain(atom, charge)
    positions = mol.GetConformer().GetPositions()
    places = [(x, -y) for x, y, _ in positions]
    return Rendering(pixels), _drawing(places, labels, _bonds_of(block, mol.GetNumAtoms()))


def _bonds_of(block: str, atoms: int) -> list[Bond]:
    """The bonds of a V2000 molfile, which says of each double bond without known sides that it is crossed."""
    count = int(block.split("\n")[3][3:6])
    found = []
    for line in block.split("\n")[4 + atoms:4 + atoms + count]:
        begin, end, order, stereo = (int(line[k:k + 3]) for k in (0, 3, 6, 9))
        kind = {(1, 1): BondKind.WEDGE, (1, 6): BondKind.HASH, (1, 4): BondKind.WAVY, (2, 3): BondKind.CROSSED}.get(
            (order, stereo), {2: BondKind.DOUBLE, 3: BondKind.TRIPLE}.get(order, BondKind.SINGLE))
        found.append(Bond(begin - 1, end - 1, kind))
    return found


def _plain(atom: Any, charge: int) -> str:
    isotope = f"^{{{atom.GetIsotope()}}}" if atom.GetIsotope() else ""
    sign = f"^{{{abs(charge) if abs(charge) > 1 else ''}{'+' if charge > 0 else '-'}}}" if charge else ""
    symbol = atom.GetSymbol() if atom.GetAtomicNum() else "R"  # so Indigo writes an open valence
    return texts.canonical(isotope + symbol + sign + "^·" * atom.GetNumRadicalElectrons())


def _turn(mol: Any, angle: float) -> None:
    conformer = mol.GetConformer()
    cos, sin = math.cos(angle), math.sin(angle)
    for i in range(mol.GetNumAtoms()):
        place = conformer.GetAtomPosition(i)
        place.x, place.y = cos * place.x - sin * place.y, sin * place.x + cos * place.y
        conformer.SetAtomPosition(i, place)


# ---- what both have in common


def _grey(png: bytes) -> npt.NDArray[np.uint8]:
    picture = Image.open(io.BytesIO(png)).convert("RGBA")
    paper = Image.new("RGBA", picture.size, (255, 255, 255, 255))
    return np.asarray(Image.alpha_composite(paper, picture).convert("L"))


def _drawing(places: list[tuple[float, float]], labels: dict[int, str], bonds: list[Bond]) -> Drawing:
    """What is shown, in units of a mean bond."""
    lengths = [math.dist(places[bond.begin], places[bond.end]) for bond in bonds]
    unit = sum(lengths) / len(lengths) if lengths else 1.0
    return Drawing(tuple(Atom(labels.get(i, ""), x / unit, y / unit) for i, (x, y) in enumerate(places)), tuple(bonds))


def _kind(bond: Any, chem: Any) -> BondKind:
    direction = {chem.BondDir.BEGINWEDGE: BondKind.WEDGE, chem.BondDir.BEGINDASH: BondKind.HASH,
                 chem.BondDir.UNKNOWN: BondKind.WAVY, chem.BondDir.EITHERDOUBLE: BondKind.CROSSED}
    kind = {chem.BondType.DOUBLE: BondKind.DOUBLE, chem.BondType.TRIPLE: BondKind.TRIPLE,
            chem.BondType.QUADRUPLE: BondKind.QUADRUPLE, chem.BondType.AROMATIC: BondKind.AROMATIC,
            chem.BondType.DATIVE: BondKind.DATIVE}.get(bond.GetBondType(), BondKind.SINGLE)
    if kind == BondKind.DOUBLE and bond.GetStereo() == chem.BondStereo.STEREOANY:
        return BondKind.CROSSED
    found: BondKind = direction.get(bond.GetBondDir(), kind)
    return found


def _marks(drawing: Drawing, places: list[tuple[float, float]], pixels: npt.NDArray[np.uint8]) -> tuple[Mark, ...]:
    height, width = pixels.shape
    found = [(atom.text or BARE, x, y) for atom, (x, y) in zip(drawing.atoms, places, strict=True)]
    found += [(bond_name(drawing, bond), (places[bond.begin][0] + places[bond.end][0]) / 2,
               (places[bond.begin][1] + places[bond.end][1]) / 2) for bond in drawing.bonds]
    return tuple((name, min(max(x, 0.0), width - 1.0), min(max(y, 0.0), height - 1.0)) for name, x, y in found)
