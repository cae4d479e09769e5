"""The text notation: one spelling for each text, figures as the benchmarks count them, texts as signs bear them."""

import random
import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphic import notations
from glyphic.core.errors import NotationError, OptionError
from glyphic.notations import conformance
from glyphic.notations.text import LONGEST, METRICS, NOTATION, PRINTABLE, common_words, notation, sampler

TEXTS = st.text(st.sampled_from(PRINTABLE + "“”’–—…ｆ５²\u00a0\t\u3000"), max_size=30)


def figure(metric, *pairs):
    sums = np.sum([METRICS[metric].statistics(*pair) for pair in pairs], axis=0)
    return float(METRICS[metric].value(np.asarray(sums)))


def test_it_keeps_what_every_notation_promises():
    conformance.check(NOTATION, count=100, renders=0)


def test_a_wider_charset_keeps_what_every_notation_promises_and_the_ids_of_ascii():
    wide = notation(PRINTABLE + "äöüßÄÖÜé€", "german")
    conformance.check(wide, count=60, renders=0)
    assert wide.name == "german"
    assert wide.tokenizer.encode("Strasse 7") == NOTATION.tokenizer.encode("Strasse 7")
    assert wide.normalize("Cafe\u0301 “Übung” 5 €") == 'Café "Übung" 5 €'


def test_the_table_knows_it_and_the_95_printable_characters_are_its_tokens():
    vocabulary = notations.get("text").tokenizer.vocabulary
    assert "".join(t for i, t in enumerate(vocabulary.tokens) if i not in vocabulary.specials) == PRINTABLE
    assert len(PRINTABLE) == 95 and vocabulary.blank is not None


@given(TEXTS)
def test_a_spelling_is_plain_ascii_with_single_spaces_and_stays_as_it_is(text):
    spelled = NOTATION.normalize(text)
    assert set(spelled) <= set(PRINTABLE) and spelled == " ".join(spelled.split())
    assert NOTATION.normalize(spelled) == spelled


@pytest.mark.parametrize(("given_", "wanted"), [
    ("  a \t b\n", "a b"), ("“don’t” — ‘so’…", "\"don't\" - 'so'..."), ("ＡＢＣ１２", "ABC12"), ("ﬁne x²", "fine x2"),
    ("World´s", "World's"), ("½", "1/2"), ("", ""),
])
def test_what_typesetters_write_becomes_what_keyboards_write(given_, wanted):
    assert NOTATION.normalize(given_) == wanted


@pytest.mark.parametrize(("text", "position"), [("CAFÉ", 3), ("a\x00", 1), ("  ☃", 2), ("5 €", 2), ("ab\u0308c", 1)])
def test_what_the_charset_lacks_is_refused_where_it_stands(text, position):
    for verb in (NOTATION.normalize, NOTATION.tokenizer.encode):
        with pytest.raises(NotationError) as caught:
            verb(text)
        assert caught.value.position == position and caught.value.text == text


def test_digits_alone_are_a_charset_without_a_space():
    digits = notation(string.digits, "digits")
    assert digits.normalize(" 12 ") == "12"
    with pytest.raises(NotationError, match="no space"):
        digits.normalize("1 2")
    assert all(digits.tokenizer.encode(digits.sample(random.Random(seed))) for seed in range(50))


@pytest.mark.parametrize("charset", ["ab\n", "a\x7f", "aa"])
def test_a_charset_that_no_line_can_hold_is_refused(charset):
    with pytest.raises(OptionError):
        notation(charset)


def test_decoding_gives_a_canonical_text_whatever_a_network_writes():
    vocabulary = NOTATION.tokenizer.vocabulary
    rng = random.Random(0)
    for _ in range(100):
        ids = rng.choices(range(len(vocabulary)), k=8) + [vocabulary.ids[" "]] * 2
        text = NOTATION.tokenizer.decode(ids)
        assert NOTATION.normalize(text) == text


def test_word_accuracy_sees_36_characters_only():
    assert next(iter(METRICS)) == "word_accuracy"
    assert figure("word_accuracy", ("it's", "ITS!"), ("a-b c", "ABC"), ("10%", "10")) == 1
    assert figure("word_accuracy", ("0", "O")) == 0
    assert figure("word_accuracy", ("a", "a"), ("b", "a"), ("c", "c"), ("d", "d")) == 0.75


def test_a_label_without_any_of_them_is_no_sample():
    assert figure("word_accuracy", ("a", "b"), ("x", "&")) == figure("word_accuracy", ("a", "b")) == 0
    assert figure("word_accuracy", ("a", "a"), ("", "..."), ("b", "a")) == 0.5


def test_exact_sees_case_and_punctuation():
    assert figure("exact", ("It's", "It's"), ("its", "It's")) == 0.5


def test_edit_is_the_mean_of_what_is_right_in_each_text():
    assert figure("edit", ("", "abcd"), ("a", "a")) == 0.5  # not 1 - 4 / 5: each text counts alike
    assert figure("edit", ("abcd", "abxd")) == 0.75
    assert figure("edit", ("", "")) == 1


@given(TEXTS, TEXTS)
def test_edit_does_not_care_which_text_is_the_label(a, b):
    assert METRICS["edit"].statistics(a, b) == METRICS["edit"].statistics(b, a)


def test_samples_have_all_lengths_characters_and_cases():
    texts = [NOTATION.sample(random.Random(seed)) for seed in range(4000)]
    assert {len(text) for text in texts} == set(range(1, LONGEST + 1))
    assert set("".join(texts)) == set(PRINTABLE)
    letters = [text for text in texts if text.isalpha() and len(text) > 1]
    for style in (str.isupper, str.islower, str.istitle):
        assert sum(map(style, letters)) > 0.15 * len(letters)
    assert sum(" " in text for text in texts) > 200 and sum(text.isdigit() for text in texts) > 100


def test_a_word_list_of_the_users_is_what_words_are_made_of():
    sample = sampler(["glyph", "Zebra", "naïve", ""])
    words = {word.lower() for seed in range(300) for word in sample(random.Random(seed)).split() if word.isalpha()}
    assert {"glyph", "zebra"} <= words and not {"the", "hotel"} & words


def test_the_built_in_words_can_be_written():
    assert len(common_words()) > 500 and len(set(common_words())) == len(common_words())
    for word in common_words():
        assert NOTATION.normalize(word) == word and word.isalpha()
