"""Incipits engraved by LilyPond, whose look no training has seen: semantic texts -> a folder of labelled pictures.

    python benchmarks/lilypond_staves.py incipits.txt lilypond-staves --count 300

incipits.txt has one semantic text a line (of a line of labels.tsv, what stands behind the first tab). The folder has
images/N.png and labels.tsv, as `glyphic evaluate` takes them. Texts that LilyPond would set otherwise than they are
spelled are left out and counted: a new metre in the midst of a bar, a new clef behind a barline (it would stand before
it), a rest of one bar with a number, a tie or a small note without the note that it leads to, a bar without any length.
LilyPond (https://lilypond.org, GPL) is run as a program; nothing of it is part of this.
"""

import argparse
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

from glyphic.core.errors import GlyphicError
from glyphic.notations.music.accidentals import drawn_signs
from glyphic.notations.music.bars import Bar, bars
from glyphic.notations.music.beams import beat_groups
from glyphic.notations.music.semantic import (
    KEYS,
    Clef,
    GraceNote,
    Key,
    Metre,
    Multirest,
    Note,
    Pitch,
    Rest,
    Staff,
    Symbol,
    Tie,
    Value,
    canonical,
    parse,
    ties,
    write,
)

CLEFS = {"G2": "treble", "G1": "french", "C1": "soprano", "C2": "mezzosoprano", "C3": "alto", "C4": "tenor",
         "C5": "baritone", "F3": "varbaritone", "F4": "bass", "F5": "subbass"}
DURATIONS = {"quadruple_whole": r"\longa", "double_whole": r"\breve", "whole": "1", "half": "2", "quarter": "4",
             "eighth": "8", "sixteenth": "16", "thirty_second": "32", "sixty_fourth": "64",
             "hundred_twenty_eighth": "128"}
ALTERS = {-2: "ff", -1: "f", 0: "", 1: "s", 2: "x"}  # in LilyPond's English names
HEAD = r"""\version "2.24.0"
\language "english"
\paper { page-breaking = #ly:one-line-breaking indent = 0 ragged-right = ##t tagline = ##f oddHeaderMarkup = ##f
         evenHeaderMarkup = ##f }
"""
SET = r"""\book {{ \bookOutputName "{name}" \score {{ \new Staff \with {{ \omit BarNumber }} {{
  \autoBeamOff \set Staff.extraNatural = ##f \override MultiMeasureRest.expand-limit = 1
{music}
}} \layout {{ \context {{ \Score \omit BarNumber }} }} }} }}
"""


class Unset(Exception):
    """LilyPond cannot set this text as it is spelled; the text says why."""


def lilypond(staff: Staff) -> str:
    """The music of a staff in LilyPond's language, every bar as long as it is, whatever its metre.

    Errors: Unset.
    """
    following = ties(staff)
    for index, symbol in enumerate(staff):
        after = staff[index + 1] if index + 1 < len(staff) else None
        if isinstance(symbol, GraceNote) and not isinstance(after, GraceNote | Note):
            raise Unset("a small note without the note that it leads to")
        leads_to = staff[following[index]] if following.get(index) is not None else None  # type: ignore[index]
        if index in following and not (isinstance(leads_to, Note) and leads_to.pitch == symbol.pitch):
            raise Unset("a tie without the note that it leads to")
    if not staff or not isinstance(staff[0], Clef):
        raise Unset("no clef at the beginning")
    signs, groups = drawn_signs(staff), beat_groups(staff)
    opening, closing = {group[0] for group in groups}, {group[-1] for group in groups}
    pieces: list[str] = []
    if not any(isinstance(symbol, Metre) for symbol in staff[:3]):
        pieces.append(r"\omit Staff.TimeSignature")
    for bar in bars(staff):
        begun = False
        for index in range(bar.start, bar.stop):
            symbol = staff[index]
            if isinstance(symbol, Clef | Key | Metre):
                if begun and not isinstance(symbol, Clef):
                    raise Unset("a signature in the midst of a bar")
                if isinstance(symbol, Clef) and bar.start and not begun:
                    raise Unset("a new clef behind a barline")
                pieces.append(_signature(symbol))
                continue
            if isinstance(symbol, Tie):
                continue
            if not begun:
                pieces.append(_measure(staff, bar, closed=bar.stop < len(staff)))
                begun = True
            if isinstance(symbol, GraceNote):
                first = not isinstance(staff[index - 1], GraceNote)
                last = not isinstance(staff[index + 1], GraceNote)
                pieces.append((r"\slashedGrace { " if first and last else r"\grace { " if first else "")
                              + _note(symbol.pitch, symbol.value, signs.get(index)) + (" }" if last else ""))
            else:
                beam = ("[" if index in opening else "") + ("]" if index in closing else "")
                pieces.append(_event(symbol, bar, signs.get(index), beam) + ("~" if index in following else ""))
        if not begun:
            raise Unset("a bar without any length")
    return "\n".join(pieces)


def _measure(staff: Staff, bar: Bar, closed: bool) -> str:
    length = _length(staff, bar)
    if not length:
        raise Unset("a bar without any length")
    length += 0 if closed else 8  # a bar that does not end has no barline
    return rf"\set Timing.measureLength = #(ly:make-moment {length.numerator}/{length.denominator})"


def _length(staff: Staff, bar: Bar) -> Fraction:
    inside = staff[bar.start:bar.stop]
    if any(isinstance(symbol, Multirest) for symbol in inside):
        if any(isinstance(symbol, Note | Rest | GraceNote) for symbol in inside):
            raise Unset("a multirest beside notes")
        return bar.wanted or Fraction(1)
    return sum((s.value.length for s in inside if isinstance(s, Note | Rest)), Fraction(0))


def _signature(symbol: Symbol) -> str:
    if isinstance(symbol, Clef):
        return rf'\clef "{CLEFS[f"{symbol.sign}{symbol.line}"]}"'
    if isinstance(symbol, Key):
        name = KEYS[symbol.fifths + 7]
        return rf"\key {name[0].lower()}{name[1:].replace('#', 's').replace('b', 'f')} \major"
    assert isinstance(symbol, Metre)
    style = r"\defaultTimeSignature" if symbol.sign else r"\numericTimeSignature"
    return rf"\undo \omit Staff.TimeSignature {style} \time {symbol.beats}/{symbol.unit}"


def _event(symbol: Symbol, bar: Bar, sign: int | None, beam: str) -> str:
    if isinstance(symbol, Multirest):
        length = bar.wanted or Fraction(1)
        if symbol.count == 1:
            raise Unset("a rest of one bar with a number")
        return rf"\compressMMRests {{ R1*{length.numerator * symbol.count}/{length.denominator} }}"
    assert isinstance(symbol, Note | Rest)
    fermata = r"\fermata" if symbol.fermata else ""
    if isinstance(symbol, Rest):
        return f"r{_duration(symbol.value)}{fermata}"
    return _note(symbol.pitch, symbol.value, sign) + beam + fermata


def _note(pitch: Pitch, value: Value, sign: int | None) -> str:
    """With exactly the sign that the picture needs, whatever LilyPond's own rules are."""
    octave = "'" * (pitch.octave - 3) if pitch.octave > 3 else "," * (3 - pitch.octave)
    silent = r"\once \omit Staff.Accidental " if sign is None else ""
    return f"{silent}{pitch.step.lower()}{ALTERS[pitch.alter]}{octave}{'!' * (sign is not None)}{_duration(value)}"


def _duration(value: Value) -> str:
    return DURATIONS[value.name] + "." * value.dots


# ---- the folder


def engrave(texts: list[str], folder: Path, resolution: int = 250, count: int | None = None) -> tuple[int, list[str]]:
    """Texts -> pictures and labels in a new folder; how many there are, and why others are left out."""
    scores: dict[str, tuple[str, str]] = {}
    refused: list[str] = []
    for number, text in enumerate(texts):
        if count is not None and len(scores) == count:
            break
        try:
            staff = canonical(parse(text))
            scores[str(number)] = write(staff), lilypond(staff)
        except (GlyphicError, Unset) as problem:
            refused.append(f"{number}: {problem}")
    (folder / "images").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        source = "".join(SET.format(name=name, music=music) for name, (_, music) in scores.items())
        (Path(place) / "staves.ly").write_text(HEAD + source, encoding="utf-8")
        subprocess.run(["lilypond", "--silent", "-dcrop", "--png", f"-dresolution={resolution}", "staves.ly"],
                       cwd=place, check=False)
        labels = []
        for name, (text, _) in scores.items():
            made = Path(place) / f"{name}.cropped.png"
            if made.exists():
                (folder / "images" / f"{name}.png").write_bytes(made.read_bytes())
                labels.append(f"images/{name}.png\t{text}\n")
            else:
                refused.append(f"{name}: LilyPond made no picture")
    (folder / "labels.tsv").write_text("".join(labels), encoding="utf-8")
    return len(labels), refused


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("incipits", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, help="how many pictures; the first texts that can be set")
    parser.add_argument("--resolution", type=int, default=250, help="dots per inch of a staff of 20 points")
    options = parser.parse_args()
    lines = options.incipits.read_text(encoding="utf-8").splitlines()
    texts = [line.partition("\t")[2] if line.startswith("images/") else line for line in lines if line.strip()]
    made, refused = engrave(texts, options.folder, options.resolution, options.count)
    for reason in refused:
        print(reason, file=sys.stderr)
    print(f"{made} staves in {options.folder}, {len(refused)} left out")


if __name__ == "__main__":
    main()
