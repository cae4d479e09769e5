"""Pictures in, recognitions out."""

import math
import random
from dataclasses import replace

import numpy as np
import pytest

import glyphic
from glyphic.core.errors import BundleError, ImageError, NotationError, OptionError, UnknownNameError
from glyphic.core.vocabulary import Vocabulary
from glyphic.reading import members
from glyphic.reading.recognizer import Recognizer
from tests import bars as toy

pytestmark = pytest.mark.usefixtures("bars")


def picture(text: str) -> np.ndarray:
    return toy.render(text, random.Random(0))


def plain(result: object) -> object:
    """A recognition without its time."""
    return replace(result, milliseconds=0.0)


class Scripted:
    """A step model that says the same whatever the picture: probabilities of the next token, in turn."""

    def __init__(self, *turns: dict[str, float]):
        self.turns = turns

    def encode(self, images):
        return np.zeros(len(images), int)

    def step(self, tokens, state):
        rows = np.full((len(state), len(toy.VOCABULARY)), -np.inf, np.float32)
        for row, place in zip(rows, state, strict=True):
            for token, share in self.turns[min(place, len(self.turns) - 1)].items():
                row[toy.VOCABULARY.ids[token]] = math.log(share)
        return rows, state + 1

    def select(self, state, rows):
        return state[rows]


def scripted(bundle, *turns, **options):
    return Recognizer(bundle, network=Scripted(*turns), **options)


@pytest.mark.parametrize("width", [1, 3])
@pytest.mark.parametrize("kind", ["step_bundle", "frame_bundle"])
def test_bars_are_read(kind, width, request):
    reader = Recognizer(request.getfixturevalue(kind), beam_width=width)
    for seed in range(10):
        text = toy.sample(random.Random(seed))
        result = reader.read(picture(text))
        assert (result.text, result.notation, str(result.model), result.warnings) == (text, "bars", "toy 1", ())
        assert [token.text for token in result.tokens] == list(text) and result.milliseconds > 0


@pytest.mark.parametrize("kind", ["step_bundle", "frame_bundle"])
@pytest.mark.parametrize("options", [{}, {"alternatives": 2}])
def test_the_readings_of_many_are_those_of_each_in_order(kind, options, request):
    reader = Recognizer(request.getfixturevalue(kind), **options)
    pictures = [picture(toy.sample(random.Random(seed))) for seed in range(9)] + [np.ones((20, 20))]
    alone = [plain(reader.read(p)) for p in pictures]
    for batch in (1, 4, 16):
        many = [plain(r) for r in reader.read_many(pictures, batch=batch)]
        assert [r.text for r in many] == [r.text for r in alone]
        assert [r.alternatives for r in many] == [
            tuple(replace(a, confidence=pytest.approx(a.confidence, abs=1e-5)) for a in r.alternatives) for r in alone]
        assert [r.confidence for r in many] == pytest.approx([r.confidence for r in alone], abs=1e-5)
        assert [r.image for r in many] == [r.image for r in alone]


def test_reading_many_is_lazy(step_bundle):
    taken = []

    def sources():
        for text in ("a", "b", "c", "ab", "bc"):
            taken.append(text)
            yield picture(text)

    results = Recognizer(step_bundle).read_many(sources(), batch=2)
    assert not taken and next(results).text == "a" and taken == ["a", "b"]


def test_an_error_is_returned_in_its_place_or_raised_at_its_turn(step_bundle):
    reader = Recognizer(step_bundle)
    pictures = [picture("ab"), b"no picture", "missing.png", picture("c")]
    results = list(reader.read_many(pictures, errors="return"))
    assert [getattr(r, "text", None) for r in results] == ["ab", None, None, "c"]
    assert all(isinstance(r, ImageError) for r in results[1:3]) and "missing.png" in str(results[2])
    walk = reader.read_many(pictures)
    assert next(walk).text == "ab"
    with pytest.raises(ImageError, match="no picture"):
        next(walk)


def test_a_blank_picture_is_empty_without_confidence_and_says_so(step_bundle):
    result = Recognizer(step_bundle).read(np.full((50, 90), 0.7))
    assert (result.text, result.confidence, result.tokens) == ("", 0.0, ())
    assert "blank" in result.warnings[0] and result.image == {"width": 90, "height": 50, "crop": None, "scale": 1.0}


def test_confidence_is_the_geometric_mean_of_the_token_probabilities(step_bundle):
    result = scripted(step_bundle, {"a": 0.5, "b": 0.4}, {"<eos>": 0.8, "a": 0.1}).read(picture("a"))
    assert result.text == "a" and result.confidence == pytest.approx(math.sqrt(0.5 * 0.8))
    assert result.tokens[0].logprob == pytest.approx(math.log(0.5))


def test_alternatives_are_the_next_best_readings(step_bundle):
    reader = scripted(step_bundle, {"a": 0.5, "b": 0.3, "c": 0.2}, {"<eos>": 1.0}, alternatives=2)
    result = reader.read(picture("a"))
    assert result.text == "a" and [a.text for a in result.alternatives] == ["b", "c"]
    assert [a.confidence for a in result.alternatives] == pytest.approx([0.3**0.5, 0.2**0.5])


@pytest.mark.parametrize(("sound", "width", "expected"), [(True, 3, "b"), (False, 3, "a"), (True, 1, "a")])
def test_a_beam_may_prefer_the_likeliest_reading_that_means_something(step_bundle, sound, width, expected):
    notation = replace(toy.NOTATION, prior=lambda text: -math.inf if text == "a" else 0.0)
    choosing = replace(step_bundle, decoding=replace(step_bundle.decoding, beam_width=width, sound=sound))
    turns = {"a": 0.5, "b": 0.3, "c": 0.2}, {"<eos>": 1.0}
    result = scripted(choosing, *turns, notation=notation).read(picture("a"))
    assert result.text == expected and not result.alternatives
    if width > 2:
        both = scripted(choosing, *turns, notation=notation, alternatives=2).read(picture("a"))
        assert [both.text, *(a.text for a in both.alternatives)] == [expected, *(t for t in "abc" if t != expected)]


def test_where_no_reading_means_anything_the_likeliest_stays(step_bundle):
    notation = replace(toy.NOTATION, prior=lambda text: -math.inf)
    choosing = replace(step_bundle, decoding=replace(step_bundle.decoding, beam_width=3, sound=True))
    result = scripted(choosing, {"a": 0.5, "b": 0.3, "c": 0.2}, {"<eos>": 1.0}, notation=notation).read(picture("a"))
    assert result.text == "a"


@pytest.mark.parametrize(("prior", "expected"), [(-0.4, "a"), (-0.6, "b"), (-5.0, "b")])
def test_a_prior_weighs_as_much_as_what_was_seen(step_bundle, prior, expected):
    """a is 0.5 nats likelier than b in the picture, and b 0.4 nats than c."""
    notation = replace(toy.NOTATION, prior=lambda text: prior if text == "a" else 0.0)
    choosing = replace(step_bundle, decoding=replace(step_bundle.decoding, beam_width=3, sound=True))
    result = scripted(choosing, {"a": 0.5, "b": 0.3, "c": 0.2}, {"<eos>": 1.0}, notation=notation).read(picture("a"))
    assert result.text == expected


@pytest.mark.parametrize(("least", "expected"), [(None, "b"), (-0.6, "b"), (-0.4, "a"), (0.0, "a")])
def test_what_means_nothing_may_be_read_where_a_prior_has_a_floor(step_bundle, least, expected):
    notation = replace(toy.NOTATION, prior=lambda text: -math.inf if text == "a" else 0.0)
    options = replace(step_bundle.decoding, beam_width=3, sound=True, least_prior=least)
    choosing = replace(step_bundle, decoding=options)
    result = scripted(choosing, {"a": 0.5, "b": 0.3, "c": 0.2}, {"<eos>": 1.0}, notation=notation).read(picture("a"))
    assert result.text == expected


@pytest.mark.parametrize(("bonus", "expected"), [(0.0, "a"), (0.3, "a"), (0.5, "ab"), (-1.0, "a")])
def test_tokens_may_have_a_bonus(step_bundle, bonus, expected):
    """a alone is 0.4 nats likelier than a with b behind it."""
    notation = replace(toy.NOTATION, prior=lambda text: 0.0)
    options = replace(step_bundle.decoding, beam_width=3, sound=True, token_bonus=bonus)
    choosing = replace(step_bundle, decoding=options)
    result = scripted(choosing, {"a": 1.0}, {"<eos>": 0.6, "b": 0.4}, {"<eos>": 1.0}, notation=notation).read(
        picture("a"))
    assert result.text == expected


def test_alternatives_that_read_the_same_are_one(step_bundle):
    class Careless(toy.Letters):
        def decode(self, ids):
            return super().decode(ids).replace("b", "a")

    turns = {"a": 0.4, "b": 0.3, "c": 0.2}, {"<eos>": 0.8, "c": 0.2}, {"<eos>": 1.0}
    notation = replace(toy.NOTATION, tokenizer=Careless())
    result = scripted(step_bundle, *turns, alternatives=4, notation=notation).read(picture("a"))
    texts = [result.text, *(a.text for a in result.alternatives)]
    assert len(set(texts)) == len(texts) and texts[:2] == ["a", "c"]


def test_a_reading_that_is_cut_off_says_so(step_bundle):
    reader = scripted(step_bundle, {"a": 0.5, "b": 0.5}, max_tokens=4, guided=False)
    assert any("max_tokens=4" in warning for warning in reader.read(picture("a")).warnings)
    guided = scripted(step_bundle, {"a": 0.5, "b": 0.25, "<eos>": 0.25}, max_tokens=4).read(picture("a"))
    assert len(guided.tokens) == 3 and "max_tokens=4" in guided.warnings[0], "the grammar ended it in time"
    roomy = scripted(step_bundle, {"a": 0.5, "b": 0.5}, {"<eos>": 0.9}, max_tokens=4).read(picture("a"))
    assert len(roomy.tokens) == 1 and not roomy.warnings


def test_an_unlikely_reading_says_so(step_bundle):
    vague = scripted(step_bundle, {"a": 0.3, "b": 0.29, "c": 0.28}, {"<eos>": 0.3, "a": 0.2}).read(picture("a"))
    assert vague.confidence == pytest.approx(0.3) and "holds no bars" in vague.warnings[0]
    assert not scripted(step_bundle, {"a": 0.6}, {"<eos>": 0.6}).read(picture("a")).warnings


def test_the_text_is_given_in_other_formats_when_asked_for(step_bundle):
    def shouted(text: str) -> str:
        if "c" in text:
            raise NotationError("no shouting of c", text, text.index("c"))
        return text.upper()

    notation = replace(toy.NOTATION, formats={"loud": shouted})
    reader = Recognizer(step_bundle, notation=notation, formats=["loud"])
    assert reader.read(picture("ab")).formats == {"loud": "AB"} == reader.read(picture("ab")).to_json()["formats"]
    refused = reader.read(picture("ac"))
    assert refused.text == "ac" and refused.formats == {} and "no loud" in refused.warnings[0]
    assert Recognizer(step_bundle, notation=notation).read(picture("ab")).formats == {}
    with pytest.raises(UnknownNameError, match="no format of the notation bars 'quiet'; there are: loud"):
        Recognizer(step_bundle, notation=notation, formats="quiet")


class Pointing(Scripted):
    """Looks at the first bar for the first token, at the second for the second, and so on."""

    def attention(self, tokens, state, row):
        assert list(tokens)[:1] in ([], [toy.VOCABULARY.bos])
        looked = np.full((len(tokens), 2 * 4), 0.05, np.float32)
        looked[range(len(tokens)), range(len(tokens))] = 1.0
        return looked


def test_each_token_says_where_it_was_seen(step_bundle):
    network = Pointing({"a": 0.9}, {"b": 0.9}, {"c": 0.9}, {"<eos>": 0.9})
    reader = Recognizer(step_bundle, network=network, boxes=True)
    shifted = np.pad(picture("abc"), ((7, 0), (11, 0)), constant_values=255)
    left, top = reader.read(shifted).image["crop"][:2]
    assert (left, top) == (27, 23)
    result = reader.read(shifted)
    assert [t.box for t in result.tokens] == [(27 + 8 * i, 23, 35 + 8 * i, 31) for i in range(3)]
    assert result.to_json()["tokens"][1]["box"] == [35, 23, 43, 31]
    assert all(t.box is None for t in Recognizer(step_bundle, network=network).read(shifted).tokens)


@pytest.mark.parametrize("options", [{}, {"alternatives": 2}])
def test_boxes_change_no_reading_and_stay_within_the_picture(step_bundle, options):
    plain_reader = Recognizer(step_bundle, **options)
    reader = Recognizer(step_bundle, boxes=True, **options)
    pictures = [picture(text) for text in ("abc", "c", "aabbccab")] + [np.ones((20, 20))]
    for source, with_boxes, without in zip(pictures, reader.read_many(pictures), plain_reader.read_many(pictures),
                                           strict=True):
        height, width = source.shape
        assert with_boxes.text == without.text
        for token in with_boxes.tokens:
            left, top, right, bottom = token.box
            assert 0 <= left < right <= width and 0 <= top < bottom <= height


def test_boxes_need_a_network_that_looks(step_bundle):
    with pytest.raises(OptionError, match="Scripted has none"):
        scripted(step_bundle, {"a": 0.9}, boxes=True)


@pytest.mark.parametrize("options", [{}, {"beam_width": 4}, {"lexicon": ["abc", "cab"]}, {"allow": "abc"}])
def test_each_token_of_a_frame_model_says_where_it_was_seen(frame_bundle, options):
    result = Recognizer(frame_bundle, guided=False, **options).read(picture("abc"))
    assert result.text == "abc"
    for place, token in enumerate(result.tokens):  # bars stand on the left of their cells
        left, top, right, bottom = token.box
        middle = 16 + toy.CELL * place + (1 + place) / 2
        assert left < middle < right and (top, bottom) == (16, pytest.approx(32, abs=8))
        assert token.logprob > math.log(0.9)
    assert result.tokens[0].box[2] == result.tokens[1].box[0], "neighbours meet"


def test_a_picture_in_which_nothing_is_read_says_so(step_bundle):
    result = scripted(step_bundle, {"<eos>": 0.99}).read(picture("a"))
    assert (result.text, result.confidence) == ("", 0.0) and "nothing was read" in result.warnings[0]


def test_a_loop_is_broken(step_bundle):
    endless = scripted(step_bundle, {"a": 0.9, "<eos>": 0.1}).read(picture("a"))
    assert len(endless.tokens) < 20
    assert len(scripted(step_bundle, {"a": 0.9, "<eos>": 0.1}, guided=False).read(picture("a")).tokens) == 40


def test_very_small_and_overfull_pictures_are_warned_of(step_bundle):
    spec = replace(step_bundle.input, symbol_size=16.0)
    reader = Recognizer(replace(step_bundle, input=spec))
    small = np.full((6, 20), 255, np.uint8)
    small[2:4, 4:6] = small[2:4, 9:11] = 0
    assert "enlarged" in reader.read(small).warnings[0]
    page = np.full((400, 8000), 255, np.uint8)
    page[50:350:20, 50:7950:20] = page[51:350:20, 50:7950:20] = page[50:350:20, 51:7950:20] = 0
    assert "shrunk" in reader.read(page).warnings[0]


def test_the_crop_says_where_the_ink_was(step_bundle):
    image = Recognizer(step_bundle).read(np.pad(picture("cc"), ((7, 0), (11, 0)), constant_values=255)).image
    assert (image["width"], image["height"], image["scale"]) == (16 + 32 + 11, 47, 1.0)
    assert image["crop"][:2] == [27, 23]


def test_a_row_that_is_swayed_by_its_neighbours_is_read_alone(step_bundle):
    reader = Recognizer(step_bundle)
    sizes = []
    encode = reader.network.encode
    reader.network.encode = lambda images: sizes.append(len(images)) or encode(images)
    list(reader.read_many([picture("a"), picture("b")]))
    reader.network.batch_invariant = False
    assert [r.text for r in reader.read_many([picture("a"), picture("b")])] == ["a", "b"]
    assert sizes == [2, 1, 1]


@pytest.mark.parametrize("options", [{"beam_width": 0}, {"beam_width": 2, "alternatives": 2}, {"max_tokens": 1},
                                     {"threads": 0}, {"length_penalty": -1.0}])
def test_options_that_make_no_sense_are_refused(step_bundle, options):
    with pytest.raises(OptionError):
        Recognizer(step_bundle, **options)


def test_alternatives_widen_the_beam_as_far_as_they_need(step_bundle):
    assert Recognizer(step_bundle, alternatives=4).options.beam_width == 5
    wide = replace(step_bundle, decoding=replace(step_bundle.decoding, beam_width=6, alternatives=3))
    assert Recognizer(wide, beam_width=2).options.alternatives == 1


@pytest.mark.parametrize("arguments", [{"batch": 0}, {"errors": "ignore"}])
def test_reading_many_refuses_nonsense_at_once(step_bundle, arguments):
    with pytest.raises(OptionError):
        Recognizer(step_bundle).read_many([], **arguments)


def test_a_model_reads_with_a_notation_that_has_gained_tokens_since(step_bundle):
    grown = Vocabulary.of("xcba")  # other ids for the same letters, and one more

    class Wider(toy.Grammar):
        def advance(self, state, token):
            assert grown.tokens[token] in "abc"
            return 0

        def bias(self, state, remaining):
            bias = np.zeros(len(grown), np.float32)
            bias[grown.ids["b"]] = -np.inf
            return bias

    notation = replace(toy.NOTATION, tokenizer=toy.Letters(grown), grammar=Wider())
    result = Recognizer(step_bundle, notation=notation).read(picture("cac"))
    assert result.text == "cac" and [t.text for t in result.tokens] == ["c", "a", "c"]
    assert "b" not in Recognizer(step_bundle, notation=notation).read(picture("bab")).text


def test_a_model_with_tokens_that_the_notation_lost_is_refused(step_bundle):
    notation = replace(toy.NOTATION, tokenizer=toy.Letters(Vocabulary.of("ab")))
    with pytest.raises(BundleError, match="does not know: c"):
        Recognizer(step_bundle, notation=notation)


def test_the_same_arguments_give_the_same_recognizer(step_bundle):
    first = glyphic.load(step_bundle.folder, beam_width=2)
    assert glyphic.load(str(step_bundle.folder), beam_width=2) is first
    assert glyphic.load(step_bundle.folder) is not first


def test_one_line_reads_a_picture(step_bundle):
    assert glyphic.read(picture("abba"), step_bundle.folder).text == "abba"
    texts = [r.text for r in glyphic.read_many([picture("ab"), picture("c")], step_bundle.folder, batch=1)]
    assert texts == ["ab", "c"]


def test_an_unknown_model_is_refused():
    with pytest.raises(UnknownNameError, match="no model or bundle folder 'nothing'"):
        glyphic.read(picture("a"), "nothing")


def test_loading_needs_no_onnxruntime_where_another_network_reads(step_bundle, monkeypatch):
    monkeypatch.setattr(members, "network", lambda *_: pytest.fail("built a session"))
    assert scripted(step_bundle, {"b": 0.9}, {"<eos>": 0.9}).read(picture("a")).text == "b"
