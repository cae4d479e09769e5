"""A network that wants to end while the grammar still has something open closes it."""

import numpy as np

from glyphic.core.guide import Both, closing
from glyphic.core.options import DecodingOptions
from glyphic.core.vocabulary import Vocabulary
from glyphic.decoding.guides import NoRepeat
from glyphic.decoding.task import DecodingTask
from glyphic.notations import get

VOCABULARY = Vocabulary.of(["{", "}", "a"])
OPEN, CLOSE, LETTER = (VOCABULARY.ids[token] for token in "{}a")


class Braces:
    """Depth is the state; <eos> only at depth 0."""

    def start(self):
        return 0

    def advance(self, depth, token):
        return depth + {OPEN: 1, CLOSE: -1}.get(token, 0)

    def bias(self, depth, remaining):
        forbidden = [VOCABULARY.eos] if depth else [CLOSE]
        result = np.zeros(len(VOCABULARY), np.float32)
        result[forbidden] = -np.inf
        return result


class ClosingBraces(Braces):
    def closing(self, depth):
        return CLOSE if depth else None


class Forgetful:
    """Writes {{a, then wants to end; of what else there is, it likes letters best and braces least."""

    def encode(self, images):
        return [0] * len(images)

    def step(self, tokens, state):
        rows = []
        for position in state:
            wanted = (OPEN, OPEN, LETTER)[position] if position < 3 else VOCABULARY.eos
            row = np.full(len(VOCABULARY), -6.0, np.float32)
            row[wanted], row[LETTER], row[CLOSE] = 0.0, max(row[LETTER], -3.0) if wanted != LETTER else 0.0, -7.0
            rows.append(row)
        return np.stack(rows), [position + 1 for position in state]

    def select(self, state, rows):
        return [state[row] for row in rows]


def read(guide, width=1):
    task = DecodingTask(Forgetful(), VOCABULARY, guide, DecodingOptions(beam_width=width, max_tokens=12))
    return "".join(VOCABULARY.decode(task.run(np.zeros((1, 1, 8, 8), np.float32))[0][0].tokens))


def test_the_wish_to_end_closes_what_is_open():
    for width in (1, 3):
        assert read(ClosingBraces(), width) == "{{a}}"


def test_a_guide_that_cannot_tell_changes_nothing():
    assert read(Braces()).startswith("{{aaaa")


def test_guides_together_pass_the_closing_token_on():
    guide = Both((NoRepeat(VOCABULARY), ClosingBraces()))
    assert read(guide) == "{{a}}"


def test_the_formula_grammar_closes_every_open_construct_until_the_formula_may_end():
    notation = get("formula")
    vocabulary, grammar = notation.tokenizer.vocabulary, notation.grammar
    for opening in (["\\frac{", "a"], ["x", "_{", "\\sqrt[", "3"], ["\\begin{matrix}", "a", "&", "\\hat{", "b"]):
        state = grammar.start()
        for token in opening:
            state = grammar.advance(state, vocabulary.ids[token])
        for _ in range(20):
            if grammar.bias(state, 99)[vocabulary.eos] > -np.inf:
                break
            token = closing(grammar, state)
            assert token is not None and grammar.bias(state, 99)[token] > -np.inf
            state = grammar.advance(state, token)
        assert closing(grammar, state) is None and grammar.bias(state, 1)[vocabulary.eos] > -np.inf


def test_an_empty_script_or_a_dangling_word_has_no_closing_token():
    notation = get("formula")
    vocabulary, grammar = notation.tokenizer.vocabulary, notation.grammar
    for opening in (["x", "_{"], ["\\hat{", "\\not"], ["\\hat{", "\\mathrm{a}", "~"]):
        state = grammar.start()
        for token in opening:
            state = grammar.advance(state, vocabulary.ids[token])
        assert closing(grammar, state) is None
