"""What a drawing is set with: line width, distances, label sizes, wedges and hashes, all in one frozen value.

Lengths are in bonds (1 = the length of a usual bond), as style sheets of journals give them: ACS 1996 has bonds of
14.4 pt, lines of 0.6 pt (0.042 bonds), double bonds 18 % apart, 10 pt Arial or Helvetica (capitals of 0.5 bonds).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """How bonds, labels and signs are drawn; `unit` says how many pixels a bond of length 1 takes."""

    unit: float = 40.0
    # lines
    line: float = 0.045  # width of a line
    double: float = 0.18  # between the two lines of a double bond, centre to centre
    shorten: float = 0.12  # what an inner line lacks at each end, at least
    mitred: bool = True  # inner lines of rings end where the neighbours' would begin
    ring_sided: bool = True  # double bonds of rings have their second line inside, else both beside the axis
    chain_sided: bool = True  # so have those of chains that go on at both ends
    end_sided: bool = False  # and those to a last atom
    short_inner: bool = True  # the second line of a chain's one-sided double bond is shorter too
    # stereo and other kinds
    wedge: float = 0.2  # width of a wedge's wide end
    wedge_waist: float = 0.0  # how much its edges are drawn in
    hashes: int = 6
    hash_line: float = 0.045
    hash_tapered: bool = True
    bold: float = 0.13
    wave: float = 0.09  # amplitude of a wavy bond
    waves: int = 4
    dashes: int = 5
    # labels
    cap: float = 0.42  # height of a capital
    gap: float = 0.09  # between a letter and the bond that ends there
    small: float = 0.72  # size of what is raised or lowered
    drop: float = 0.22  # how far it hangs, in capitals
    rise: float = 0.42  # and how far it stands up
    lowered: bool = True  # whether NH2's 2 hangs at all
    leading: float = 1.2  # between the lines of a stacked label, in capitals
    ringed: bool = False  # charges in circles
    tracking: float = 0.0  # more room between the letters, in capitals
    minus: str = "-"
    star_cut: bool = False  # points of attachment are wavy lines across the bond's end
    least: float = 0.45  # what is seen of a bond between two labels, at least
    # aromatic circles, reaction lines
    circle: float = 0.62  # radius, in that of the largest circle that fits
    circle_dashed: bool = False
    part_gap: float = 0.7  # between the parts of a line
    arrow: float = 2.4  # least length
    head: float = 0.28
    head_open: bool = False
    above: float = 0.85  # size of what stands at an arrow
