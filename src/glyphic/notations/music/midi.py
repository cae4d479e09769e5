"""A staff -> a standard MIDI file (format 0): how a reading sounds, so that a wrong note is heard.

A tie is one long note. Grace notes take their time from the note behind them, half of it at most. A multirest lasts as
many bars of its metre (of 4/4 where there is none). Fermatas are not held.
"""

import base64
from fractions import Fraction

from glyphic.notations.music.bars import bars
from glyphic.notations.music.semantic import GraceNote, Key, Metre, Multirest, Note, Rest, Staff, ties

TICKS = 480  # of a quarter
VELOCITY = 80
PROGRAM = 0  # acoustic grand piano
Sound = tuple[Fraction, Fraction, int]  # beginning and end in whole notes, MIDI pitch


def to_midi(staff: Staff) -> bytes:
    """A staff -> the bytes of a .mid file, 120 quarters a minute."""
    events: list[tuple[int, int, bytes]] = [(0, 0, bytes([0xC0, PROGRAM]))]
    for place, symbol in _signatures(staff):
        if isinstance(symbol, Key):
            data = b"\xff\x59\x02" + bytes([symbol.fifths & 0xFF, 0])
        else:  # the unit as a power of two; clocks of a click, 32nds of a quarter
            data = b"\xff\x58\x04" + bytes([symbol.beats, (symbol.unit - 1).bit_length(), 24, 8])
        events.append((_ticks(place), 0, data))
    for begin, end, pitch in sounds(staff):
        events.append((_ticks(begin), 2, bytes([0x90, pitch, VELOCITY])))
        events.append((_ticks(end), 1, bytes([0x80, pitch, 0])))  # of two at one tick, ends come first
    events.sort(key=lambda event: event[:2])
    track, now = b"", 0
    for ticks, _, data in events:
        track += _varying(ticks - now) + data
        now = ticks
    track += _varying(max(0, _ticks(_end(staff)) - now)) + b"\xff\x2f\x00"
    head = b"MThd" + (6).to_bytes(4, "big") + b"".join(n.to_bytes(2, "big") for n in (0, 1, TICKS))
    return head + b"MTrk" + len(track).to_bytes(4, "big") + track


def to_midi_base64(staff: Staff) -> str:
    """The file as base64, for where only text goes."""
    return base64.b64encode(to_midi(staff)).decode("ascii")


def sounds(staff: Staff) -> list[Sound]:
    """What is heard, in order: ties joined, grace notes before their notes."""
    result: list[Sound] = []
    following = ties(staff)
    held: dict[int, int] = {}  # index of a note that goes on -> its place in the result
    graces: list[GraceNote] = []
    for index, place in enumerate(_places(staff)[:-1]):
        symbol = staff[index]
        if isinstance(symbol, GraceNote):
            graces.append(symbol)
        elif isinstance(symbol, Note):
            begin, end = place, place + symbol.value.length
            if index in held and result[held[index]][2] == symbol.pitch.midi and not graces:
                at = held[index]
                result[at] = (result[at][0], end, symbol.pitch.midi)
            else:
                for small, share in zip(graces, _shares(graces, symbol.value.length), strict=True):
                    result.append((begin, begin + share, small.pitch.midi))
                    begin += share
                at = len(result)
                result.append((begin, end, symbol.pitch.midi))
            if (goes_on := following.get(index)) is not None:
                held[goes_on] = at
            graces = []
        elif isinstance(symbol, Rest):
            graces = []
    return result


def _shares(graces: list[GraceNote], length: Fraction) -> list[Fraction]:
    wanted = [grace.value.length for grace in graces]
    room = min(Fraction(1), length / 2 / sum(wanted)) if wanted else Fraction(1)
    return [room * each for each in wanted]


def _places(staff: Staff) -> list[Fraction]:
    """Where each symbol begins, in whole notes; one more for the end."""
    wanted = [Fraction(1)] * len(staff)
    for bar in bars(staff):
        wanted[bar.start:bar.stop] = [bar.wanted or Fraction(1)] * (bar.stop - bar.start)
    places = [Fraction(0)]
    for symbol, length in zip(staff, wanted, strict=True):
        more = symbol.value.length if isinstance(symbol, Note | Rest) else Fraction(0)
        places.append(places[-1] + (symbol.count * length if isinstance(symbol, Multirest) else more))
    return places


def _end(staff: Staff) -> Fraction:
    return _places(staff)[-1]


def _signatures(staff: Staff) -> list[tuple[Fraction, Key | Metre]]:
    return [(place, symbol) for place, symbol in zip(_places(staff), staff, strict=False)
            if isinstance(symbol, Key | Metre)]


def _ticks(place: Fraction) -> int:
    return round(4 * TICKS * place)


def _varying(number: int) -> bytes:
    """A variable-length quantity: seven bits a byte, the highest set on all but the last."""
    result = [number & 0x7F]
    while number := number >> 7:
        result.insert(0, number & 0x7F | 0x80)
    return bytes(result)
