"""The elements: an atom with its charge and bonds -> how many hydrogens it bears where none are written."""

from functools import cache

SYMBOLS = tuple(
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb "
    "Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au "
    "Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr".split())

# main-group valences, as MDL's molfiles and Daylight's SMILES have them; what is not here bears no hydrogens by itself
_ROWS = ("B C N O F", "Al Si P S Cl", "Ga Ge As Se Br", "In Sn Sb Te I")
_COLUMNS: tuple[tuple[int, ...], ...] = ((3,), (4,), (3, 5), (2, 4, 6), (1,))
_PLACE = {symbol: (row, column) for row, line in enumerate(_ROWS) for column, symbol in enumerate(line.split())}
SINGLE = frozenset(["H", "D", "T", "F", "Cl", "Br", "I", "Li", "Na", "K", "Rb", "Cs"])  # one bond at most in a label
ALKALI = frozenset(["Li", "Na", "K", "Rb", "Cs", "Ag"])  # M in COOM: an ion
ORGANIC = frozenset("B C N O F Si P S Cl Se Br I As Te".split())  # what readers of molfiles fill up with hydrogens


@cache
def valences(symbol: str, charge: int = 0) -> tuple[int, ...]:
    """The valences of a main-group atom, ascending: a charged one has those of its isoelectronic neighbour."""
    if symbol in SINGLE and symbol not in _PLACE:
        return (1,) if charge == 0 else (0,)
    if symbol in ("Mg", "Zn", "Hg", "Ca", "Ba"):
        return (2 - charge,) if 0 <= charge <= 2 else ()
    if symbol not in _PLACE:
        return ()
    row, column = _PLACE[symbol]
    if not 0 <= column - charge < len(_COLUMNS):
        return (max(3 - charge, 0),) if column == 0 else (0,)
    options = _COLUMNS[column - charge]
    return options[:1] if row == 0 else options


def hydrogens(symbol: str, charge: int, bonds: int, radical: int = 0) -> int:
    """The hydrogens that fill an atom up to its next valence; 0 beyond the last one, and for what has no valences."""
    if symbol not in ORGANIC:
        return 0
    return next((v - bonds - radical for v in valences(symbol, charge) if v >= bonds + radical), 0)
