"""Readings of staves become MusicXML: is it valid, and does another program find the same notes in it?

    python benchmarks/music_conversions.py music FOLDER --limit 200 [--beam 8]
    python benchmarks/music_conversions.py texts.tsv --limit 200

Each reading is converted, checked against the W3C's schema of MusicXML 4.0 (the package musicxml brings it, xmlschema
checks) and read by music21, whose notes and rests are compared with those of the text: pitch, written duration, grace,
ties. texts.tsv has a text in the last column of each line, as labels.tsv has.
"""

import argparse
import sys
import warnings
from collections.abc import Callable, Iterable
from fractions import Fraction
from importlib import metadata
from pathlib import Path
from typing import Any

from glyphic.core.errors import GlyphicError
from glyphic.core.results import Recognition
from glyphic.data.samples import limit, read_folder
from glyphic.notations.music.bars import bars, is_bar_rest
from glyphic.notations.music.musicxml import to_musicxml
from glyphic.notations.music.semantic import GraceNote, Multirest, Note, Rest, Staff, canonical, parse, ties

NAMES = {"quadruple_whole": "longa", "double_whole": "breve", "sixteenth": "16th", "thirty_second": "32nd",
         "sixty_fourth": "64th", "hundred_twenty_eighth": "128th"}  # in music21

Events = list[tuple[object, ...]]


def schema() -> Any:
    """The W3C's schema; ImportError without the packages."""
    import xmlschema

    files = metadata.distribution("musicxml")
    place = next(files.locate_file(file) for file in files.files or () if file.name == "musicxml_4_0.xsd")
    own = Path(xmlschema.__file__).parent / "schemas"
    locations = {"http://www.w3.org/XML/1998/namespace": str(own / "XML" / "xml.xsd"),
                 "http://www.w3.org/1999/xlink": str(own / "XLINK" / "xlink.xsd")}
    return xmlschema.XMLSchema(str(place), locations=locations, allow="local")


def found(document: str) -> Events:
    """What music21 reads: notes as (pitch, type, dots, grace, tie), rests as (type, dots), rests of a whole bar by
    their length in whole notes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from music21 import converter

        part: Any = converter.parseData(document, format="musicxml").parts[0]
    events: Events = []
    for item in part.recurse().notesAndRests:
        if item.isRest and item.fullMeasure is True:
            events.append((Fraction(item.quarterLength) / 4,))
        elif item.isRest:
            events.append((item.duration.type, item.duration.dots))
        else:
            events.append((item.pitch.nameWithOctave.replace("-", "b"), item.duration.type, item.duration.dots,
                           item.duration.isGrace, item.tie.type if item.tie else None))
    return events


def expected(staff: Staff) -> Events:
    """What a staff says, in the same words."""
    begun = {a: b for a, b in ties(staff).items()
             if b is None or staff[a].pitch == staff[b].pitch}  # type: ignore[union-attr]
    events: Events = []
    for bar in bars(staff):
        inside = staff[bar.start:bar.stop]
        alone = is_bar_rest([symbol for symbol in inside if isinstance(symbol, Note | Rest | Multirest)])
        for index, symbol in enumerate(inside, bar.start):
            if isinstance(symbol, Multirest):
                events += [(bar.wanted or Fraction(1),)] * symbol.count
            elif isinstance(symbol, Rest) and alone:
                events.append((bar.wanted or Fraction(1),))
            elif isinstance(symbol, Rest):
                events.append((NAMES.get(symbol.value.name, symbol.value.name), symbol.value.dots))
            elif isinstance(symbol, Note | GraceNote):
                ends = index in begun.values()
                tie = ("continue" if ends else "start") if index in begun else "stop" if ends else None
                events.append((str(symbol.pitch).replace("x", "##"), NAMES.get(symbol.value.name, symbol.value.name),
                               symbol.value.dots, isinstance(symbol, GraceNote), tie))
    return events


def complaint(text: str, valid: Callable[[str], bool]) -> str | None:
    """Why a reading does not pass; None if it does."""
    try:
        staff = canonical(parse(text))
        document = to_musicxml(staff)
    except GlyphicError as problem:
        return f"not converted: {problem}"
    if not valid(document):
        return "against the schema"
    return None if found(document) == expected(staff) else "music21 finds other notes"


def texts(source: str, folder: Path | None, most: int, beam: int | None) -> Iterable[str]:
    """The last column of a file, or what a model reads in a folder; what was not read is left out."""
    if folder is None:
        lines = Path(source).read_text(encoding="utf-8").splitlines()
        return [line.split("\t")[-1] for line in lines if line.strip()][:most]
    from glyphic.reading.recognizer import Recognizer

    samples = limit(read_folder(folder), most, folder)
    readings = Recognizer(source, beam_width=beam).read_many((sample.path for sample in samples), errors="return")
    return (reading.text for reading in readings if isinstance(reading, Recognition) and reading.text)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", metavar="MODEL|TSV")
    parser.add_argument("folder", nargs="?", type=Path, help="a data set that the model reads")
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--beam", type=int, help="width of the search; else as the bundle says")
    options = parser.parse_args()
    try:
        valid = schema().is_valid
        import music21  # noqa: F401
    except (ImportError, metadata.PackageNotFoundError) as missing:
        sys.exit(f"this needs music21, xmlschema and musicxml: pip install music21 xmlschema musicxml ({missing})")
    count = passed = 0
    for text in texts(options.source, options.folder, options.limit, options.beam):
        why = complaint(text, valid)
        count, passed = count + 1, passed + (why is None)
        if why:
            print(f"{why}: {text}", file=sys.stderr)
    print(f"{passed} of {count} readings are valid MusicXML in which music21 finds the same notes")


if __name__ == "__main__":
    main()
