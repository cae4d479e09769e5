"""A file of words, or words, and the options of a reader become a `Lexicon` in the tokens of its model."""

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from glyphic.core.errors import GlyphicError, NotationError, OptionError
from glyphic.core.notation import Notation
from glyphic.core.vocabulary import Vocabulary
from glyphic.decoding.lexicon import Lexicon, LexiconOptions

Words = str | os.PathLike[str] | Iterable[str]  # the path of a file, one word a line, or the words themselves

GATE = 1.0  # of a list that is not known to be complete; see `LexiconOptions.gate`


def lexicon(words: Words, notation: Notation, vocabulary: Vocabulary, options: LexiconOptions) -> Lexicon:
    """Words that the notation or the model cannot hold are left out.

    Errors: GlyphicError for a file that cannot be read, OptionError where no word is left.
    """
    given = list(dict.fromkeys(_read(words)))
    ids = [found for found in map(_encoder(notation, vocabulary), given) if found]
    if not ids:
        raise OptionError(f"a lexicon needs words that the model can write; got {', '.join(given[:5]) or 'none'}")
    return Lexicon(ids, vocabulary, options)


def options(method: str | None, distance: int | None, gate: float | None, match_case: bool,
            complete: bool = False) -> LexiconOptions:
    """What was chosen, else the defaults; a complete list needs no gate."""
    chosen = LexiconOptions(method, match_case=match_case)
    if distance is not None:
        chosen = replace(chosen, distance=distance)
    return chosen if complete and gate is None else replace(chosen, gate=GATE if gate is None else gate)


def tokens(allowed: str | Iterable[str], vocabulary: Vocabulary) -> list[int]:
    """The characters of a string, or the given tokens, as ids; OptionError for what the model cannot write."""
    given = list(dict.fromkeys(allowed))
    if foreign := [token for token in given if vocabulary.ids.get(token) in vocabulary.specials | {None}]:
        raise OptionError(f"the model does not write {', '.join(map(repr, foreign[:5]))}; allow what it writes")
    return [vocabulary.ids[token] for token in given]


def _read(words: Words) -> list[str]:
    if not isinstance(words, str | os.PathLike):
        return [word for word in words if word]
    path = Path(words)
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, ValueError) as error:
        raise GlyphicError(f"cannot read the lexicon {path}: {error}; give a text file of one word a line, or a list "
                           "of words") from error
    return [word for line in lines if (word := line.strip())]


def _encoder(notation: Notation, vocabulary: Vocabulary) -> Callable[[str], list[int] | None]:
    """Words -> ids of the model, None for what it cannot write."""
    own = notation.tokenizer.vocabulary
    # in a notation of single characters, letters and digits stand for themselves: its tokenizer is ten times slower
    plain = all(len(text) == 1 for token, text in enumerate(own.tokens) if token not in own.specials)

    def encode(word: str) -> list[int] | None:
        if plain and word.isalnum() and all(map(vocabulary.ids.__contains__, word)):
            return [vocabulary.ids[character] for character in word]
        try:
            return vocabulary.encode(own.tokens[token] for token in notation.tokenizer.encode(word))
        except NotationError:
            return None

    return encode
