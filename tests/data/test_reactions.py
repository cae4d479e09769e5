"""Lines of school chemistry are targets that can be drawn, and the tables they are made of hold what they should."""

import random
import re
from collections import Counter

import pytest

from glyphic import notations
from glyphic.core.errors import NotationError, OptionError
from glyphic.data import reactions, sources
from glyphic.data.sketches import SPELLED, Sketch, parsed
from glyphic.notations.molecule import texts, to_scheme, to_target
from glyphic.notations.molecule.graph import Arrow, BondKind, Plus, Scheme

MOLECULE = notations.get("molecule")


def test_every_line_is_a_canonical_target_and_most_have_at_most_160_tokens():
    source, long, arrows, lines = reactions.SchoolSource(), 0, 0, set()
    for seed in range(200):
        text = source(random.Random(seed))
        long += len(MOLECULE.tokenizer.encode(text)) > 160
        assert MOLECULE.normalize(text) == text
        arrows += any(isinstance(part, Arrow) for part in to_scheme(text).parts)
        lines.add(text)
    assert long < 10 and 120 < arrows < 195 and len(lines) > 170


def test_a_line_survives_being_laid_out():
    source = reactions.SchoolSource()
    changed = sum(to_target(to_scheme(text)) != text for text in (source(random.Random(seed)) for seed in range(60)))
    assert changed <= 2


def test_lines_are_drawn_by_hand():
    source, rng = reactions.SchoolSource(), random.Random(4)
    for made in MOLECULE.render_many([source(rng) for _ in range(12)], rng, look="handwritten"):
        assert made is None or (made.pixels < 128).any()  # None: Chinese without a Chinese font


def test_a_slip_changes_a_line_a_little_and_leaves_it_one_that_can_be_written():
    changed = 0
    for seed in range(300):
        rng = random.Random(seed)
        line = to_scheme(reactions.SchoolSource()(rng)).parts
        before, after = (to_target(Scheme(tuple(parts))) for parts in (line, reactions.slipped(line, rng)))
        assert MOLECULE.normalize(after) == after
        changed += before != after
        one, two = Counter(before.split()), Counter(after.split())
        assert sum(((one - two) + (two - one)).values()) <= 60
    assert 150 < changed < 290


def test_a_slip_may_name_what_is_no_molecule():
    ethanol = [reactions._word("C2H5OH")]
    slips = {reactions.slipped(ethanol, random.Random(seed))[0].atoms[0].text for seed in range(200)}
    assert "C2H3OH" in slips and "C2H5ONa" in slips and len(slips) > 30


def test_lines_full_of_slips_are_seldom_balanced():
    def balanced(source):
        return sum(MOLECULE.prior(source(random.Random(seed))) > 0 for seed in range(150))

    assert balanced(reactions.SchoolSource(reactions.FULL_OF_SLIPS)) < 0.6 * balanced(reactions.SchoolSource(slips=0.0))


def test_a_seed_gives_the_same_lines():
    source = reactions.SchoolSource()
    one, two = ([source(rng) for _ in range(20)] for rng in (random.Random(3), random.Random(3)))
    assert one == two


def test_all_words_of_the_tables_have_tokens():
    for words in reactions.drawn_words():
        for word in words.split(" + "):
            texts.canonical(word)
    for fate in reactions.fates():
        for group in (fate.before, fate.after, *fate.besides.split(" + ")):
            texts.canonical(group)


def test_every_whole_equation_can_be_drawn(monkeypatch):
    for line in reactions.EQUATIONS.strip().split("\n"):
        monkeypatch.setattr(reactions, "EQUATIONS", line)
        for seed in range(20):
            try:
                parts = reactions._equation(random.Random(seed))
            except NotationError:
                continue
            assert sum(isinstance(part, Arrow) for part in parts) == 1
            break
        else:
            raise AssertionError(line)


def atoms(word: str) -> Counter[str]:
    """The elements of a formula with its factor, brackets and precipitate sign."""
    factor, body = re.fullmatch(r"(\d*)(.*?)↓?", word).groups()
    body = re.sub(r"\(([A-Za-z0-9]+)\)(\d+)", lambda m: "".join(
        f"{e}{int(n or 1) * int(m[2])}" for e, n in re.findall(r"([A-Z][a-z]?)(\d*)", m[1])), body)
    found: Counter[str] = Counter()
    for element, count in re.findall(r"([A-Z][a-z]?)(\d*)", body):
        found[element] += int(count or 1) * int(factor or 1)
    return found


def test_exchanges_of_ions_are_balanced():
    seen = 0
    for seed in range(200):
        try:
            parts = reactions._exchange(random.Random(seed))
        except NotationError:
            continue
        at = next(i for i, part in enumerate(parts) if isinstance(part, Arrow))
        sides = []
        for side in (parts[:at], parts[at + 1:]):
            words = [part.atoms[0].text for part in side if not isinstance(part, Plus)]
            sides.append(sum((atoms(word) for word in words), Counter()))
        assert sides[0] == sides[1], parts
        seen += 1
    assert seen > 50


def test_formulas_follow_from_charges():
    pairs = (("H", "OH"), ("Ca", "OH"), ("Al", "SO4"), ("Na", "CH3COO"), ("NH4", "CO3"), ("Fe", "S"))
    assert [reactions.formula(*pair) for pair in pairs] == [
        "H2O", "Ca(OH)2", "Al2(SO4)3", "CH3COONa", "(NH4)2CO3", "FeS"]


def test_a_chain_has_the_labels_and_bonds_that_its_text_says():
    sketch = Sketch()
    sketch.begin(parsed("CH3-C[=O]-NH3^+Cl^-"), random.Random(0))
    drawing = sketch.drawing()
    assert [atom.text for atom in drawing.atoms] == ["CH3", "C", "NH3^+Cl^-", "O"]
    assert sorted(bond.kind for bond in drawing.bonds) == [BondKind.DOUBLE, BondKind.SINGLE, BondKind.SINGLE]


def test_each_spelling_of_a_group_is_a_chain():
    for spellings in SPELLED.values():
        for chain in (spelling for either in spellings for spelling in either.split(";")):
            assert parsed(chain).bond == "-"


def test_weights_mix_known_sources_only():
    known = {"a": lambda rng: "A", "b": lambda rng: "B"}
    rng = random.Random(0)
    assert Counter(sources.mixed(known, {"a": 1, "b": 3})(rng) for _ in range(400))["B"] > 250
    for weights in ({"c": 1.0}, {"a": -1.0}, {"a": 0.0}):
        with pytest.raises(OptionError, match="weights"):
            sources.mixed(known, weights)
