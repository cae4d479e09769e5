"""Every part works with every other, says its shapes, and hides padding."""

import itertools

import numpy as np
import pytest
import torch

from glyphic.core.errors import OptionError, UnknownNameError
from glyphic.core.recipe import ModelSpec
from glyphic.core.vocabulary import Vocabulary
from glyphic.models.build import EXTRACTION, GENERATION, REFINEMENT, Network, build, parameter_count
from glyphic.models.generation import DecoderLayer, OpenGroups
from glyphic.models.layers import cell_mask, positions_2d
from glyphic.models.recurrent import AttentionGeneration

torch.set_num_threads(1)

VOCABULARY = Vocabulary.of("abcdefgh", blank=True)
SMALL = {
    "resnet": {"channels": (4, 8, 16), "blocks": (1, 1, 1)},
    "fast": {"channels": (4, 8, 16), "blocks": (0, 1, 1)},
    "densenet": {"stem": 8, "growth": 4, "layers": (2, 2)},
    "crnn": {"width_factor": 0.0625},
    "resnet15": {"channels": (4, 8, 8, 16), "blocks": (1, 1, 1, 1)},
    "resnet23": {"channels": (4, 8, 8, 16), "blocks": (2, 1, 1, 1), "norm": "instance"},
    "staff": {"channels": (4, 4, 6, 8), "blocks": (1, 1, 1), "width": 12, "height": 32},
    "staff-crnn": {"channels": (2, 3, 4, 5), "height": 32},
    "none": {},
    "bilstm": {"width": 24},
    "bigru": {"width": 24, "layers": 2},
    "transformer": {"layers": 1, "heads": 2, "width": 32},
    "ctc": {"width": 16},
    "encoder-decoder": {"width": 24, "embedding": 8},
    "attention": {"width": 24, "embedding": 8, "attention": 12, "cell": "lstm"},
    "coverage": {"width": 24, "embedding": 8, "attention": 12, "kernel": 3, "filters": 4},
}
TINY_DECODER = {"layers": 2, "heads": 2, "width": 32, "hidden": 48}
STEPPING = [name for name, generation in GENERATION.items() if generation.kind == "step"]
COUNTING = "transformer that counts open groups"
STAVES = ["staff", "staff-crnn"]  # whose strides follow from the height that they are built for
SQUARE = [name for name, extraction in EXTRACTION.items() if name not in STAVES and extraction.strides == (8, 8)]
LINES = [name for name in EXTRACTION if name not in (*SQUARE, *STAVES)]


def network(extraction="resnet", refinement="none", generation="transformer", seed=0, glyph_classes=0, norm=None,
            **kwargs) -> Network:
    """A tiny network; norm is that of its extraction, kwargs are further parameters of its generation."""
    torch.manual_seed(seed)
    decoder = {**(TINY_DECODER if generation == "transformer" else SMALL[generation]), **kwargs}
    encoder = {**SMALL[extraction], **({"norm": norm} if norm else {})}
    built = build(ModelSpec(extraction, generation, refinement, encoder, SMALL[refinement], decoder),
                  VOCABULARY, glyph_classes)
    return wake(built)


def stepping(name: str) -> Network:
    """The tiny network whose generation has this name, one of STEPPING, or COUNTING."""
    return network(opens="[ab]", closes="c") if name == COUNTING else network(generation=name)


def wake(built: Network) -> Network:
    """As if trained: what starts at zero or one (norms, biases, running figures) differs from it, and the
    decoder looks hard at a few cells.
    """
    for module in built.modules():
        if isinstance(module, DecoderLayer):
            module.cross_out.weight.data.mul_(10)
            module.cross_query.weight.data.mul_(8)
        if isinstance(module, AttentionGeneration):
            module.score.weight.data.mul_(10)
        if isinstance(module, OpenGroups):
            module.vectors.weight.data.normal_(0, 1)
        own = (module.named_parameters(recurse=False), module.named_buffers(recurse=False))
        for name, tensor in itertools.chain(*own):
            if name in ("bias", "running_mean"):
                tensor.data.normal_(0, 0.1)
            elif isinstance(module, torch.nn.BatchNorm2d) and name in ("weight", "running_var"):
                tensor.data.uniform_(0.5, 1.5)
    return built.eval()


def test_every_combination_builds_runs_and_learns():
    images, tokens = torch.rand(2, 1, 32, 48), torch.randint(0, len(VOCABULARY), (2, 5))
    sizes = torch.tensor([[32, 48], [16, 32]])
    for names in itertools.product(EXTRACTION, REFINEMENT, GENERATION):
        built = network(*names).train()
        features, mask = built.memory(images, sizes)
        high, wide = (4, 6) if names[0] in SQUARE else (1, 6) if names[0] in STAVES else (1, 12)
        assert (32 // high, 48 // wide) == built.strides
        assert features.shape == (2, built.refinement.width, high, wide), names
        assert mask.shape == (2, high, wide)
        assert mask.sum((1, 2)).tolist() == ([24, 8] if names[0] in SQUARE else [wide, wide * 2 // 3])
        logits = built(images, tokens, sizes)
        assert logits.shape == (2, wide if names[2] == "ctc" else 5, len(VOCABULARY)), names
        logits.float().square().mean().backward()
        unused = [name for name, p in built.named_parameters() if p.grad is None or not p.grad.isfinite().all()]
        assert not unused, (names, unused)


@pytest.mark.parametrize("names", list(itertools.product(EXTRACTION, REFINEMENT, GENERATION)))
def test_a_full_size_is_the_same_as_none(names):
    images, tokens = torch.rand(2, 1, 32, 48), torch.randint(0, len(VOCABULARY), (2, 5))
    built = network(*names)
    torch.testing.assert_close(built(images, tokens, torch.tensor([[32, 48]] * 2)), built(images, tokens),
                               atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("generation", GENERATION)
@pytest.mark.parametrize("refinement", REFINEMENT)
def test_what_the_mask_hides_changes_nothing(refinement, generation):
    built = network("resnet", refinement, generation)
    features, tokens = torch.randn(1, 16, 2, 4), torch.randint(0, len(VOCABULARY), (1, 5))
    padded = torch.randn(1, 16, 3, 6)
    padded[:, :, :2, :4] = features
    mask = cell_mask(torch.tensor([[16, 32]]), 3, 6, (8, 8))

    def logits(features, mask):
        return built.generation(built.refinement(features, mask), mask, tokens)

    hidden, alone = logits(padded, mask), logits(features, None)
    torch.testing.assert_close(hidden[:, :alone.shape[1]], alone, atol=1e-5, rtol=1e-4)
    seen = logits(padded, torch.ones_like(mask))
    assert (seen[:, :alone.shape[1]] - alone).abs().max() > 1e-3  # or else the mask would have had nothing to hide


@pytest.mark.parametrize("extraction", LINES)
def test_a_line_of_any_width_becomes_one_row_of_cells_and_padding_reaches_only_its_end(extraction):
    built = network(extraction)
    line = torch.rand(1, 1, 32, 208)
    padded = torch.nn.functional.pad(line, (0, 112), value=1.0)
    alone, among = built.extraction(line), built.extraction(padded, torch.tensor([[32, 208]]))
    assert alone.shape == (1, built.extraction.width, 1, 52)
    assert among.shape == (1, built.extraction.width, 1, 80)
    reach = 52 if extraction == "resnet23" else 38  # whose instance norm masks after each of its convolutions
    torch.testing.assert_close(among[..., :reach], alone[..., :reach], atol=1e-5, rtol=1e-4)
    assert built.extraction(torch.rand(1, 1, 64, 48)).shape == (1, built.extraction.width, 2, 12)


@pytest.mark.parametrize("extraction", LINES)
def test_the_end_of_a_line_does_not_change_its_beginning(extraction):
    built = network(extraction, norm="batch") if extraction == "resnet23" else network(extraction)
    line = torch.rand(1, 1, 32, 208)
    other = line.clone()
    other[..., 160:] = torch.rand(32, 48)
    change = (built.extraction(line) - built.extraction(other)).abs().amax((0, 1, 2))
    assert change[:20].max() < 1e-6 < 1e-3 < change[40:].min()


@pytest.mark.parametrize("extraction", SQUARE)
def test_padding_a_picture_changes_at_most_the_cells_at_its_edge(extraction):
    built = network(extraction)
    images = torch.ones(1, 1, 96, 128)
    images[:, :, 8:88, 8:120] = torch.rand(1, 1, 80, 112)  # ink within a margin of paper, as `fit` leaves it
    padded = torch.ones(1, 1, 112, 160)
    padded[:, :, :96, :128] = images
    alone = built.extraction(images)
    inside = built.extraction(padded, torch.tensor([[96, 128]]))[:, :, :12, :16]
    change = (inside - alone).abs()
    reach = 12 if extraction == "densenet" else 7
    torch.testing.assert_close(inside[:, :, :reach, :reach + 4], alone[:, :, :reach, :reach + 4], atol=1e-5, rtol=1e-4)
    assert change.mean() < 0.1 * alone.abs().mean()


def test_a_densenet_without_sizes_lets_padding_through():
    built = network("densenet")
    images = torch.rand(1, 1, 32, 64)
    padded = torch.nn.functional.pad(images, (0, 64), value=1.0)
    assert (built.extraction(padded)[..., :8] - built.extraction(images)).abs().max() > 1e-2


def test_all_cells_of_all_pictures_have_their_own_position():
    places = positions_2d(torch.zeros(1, 1, 32, 128), 64)
    assert places.shape == (32 * 128, 64)
    near = torch.cdist(places[::7], places)
    assert (near.topk(2, largest=False).values[:, 1] > 0.1).all()


def test_blank_paper_is_nothing_to_a_convolution():
    built = network("resnet")
    assert built.extraction.stem(1 - torch.ones(1, 1, 16, 16)).abs().max() == 0


def test_unknown_names_list_the_known_ones():
    for field in ("extraction", "refinement", "generation"):
        names = {"extraction": "resnet", "refinement": "none", "generation": "transformer", field: "nonsense"}
        with pytest.raises(UnknownNameError, match=f"no {field} 'nonsense'; there are: .*(ctc|none|resnet)"):
            build(ModelSpec(**names), VOCABULARY)


def test_unknown_parameters_list_the_known_ones():
    with pytest.raises(OptionError, match="extraction 'resnet' has no parameter 'depth'; it has: channels, blocks"):
        build(ModelSpec("resnet", "ctc", extraction_parameters={"depth": 3}), VOCABULARY)
    with pytest.raises(OptionError, match="refinement 'none' has no parameter 'layers'; it has: none"):
        build(ModelSpec("resnet", "ctc", refinement_parameters={"layers": 3}), VOCABULARY)


@pytest.mark.parametrize(("part", "parameters"), [
    ("extraction", {"channels": (4, 8)}), ("refinement", {"width": 30, "heads": 4}),
    ("generation", {"width": 32, "heads": 5}), ("generation", {"layers": 0})])
def test_nonsense_parameters_are_refused_when_built(part, parameters):
    with pytest.raises(OptionError, match="got"):
        build(ModelSpec("resnet", "transformer", "transformer", **{f"{part}_parameters": parameters}), VOCABULARY)


@pytest.mark.parametrize(("part", "parameters"), [
    ("extraction", {"channels": (4, 8)}), ("extraction", {"norm": "layer"}), ("refinement", {"width": 15}),
    ("generation", {"kernel": 4}), ("generation", {"cell": "rnn"}), ("generation", {"attention": 0})])
def test_nonsense_for_lines_is_refused_when_built(part, parameters):
    with pytest.raises(OptionError, match="got"):
        build(ModelSpec("resnet15", "coverage", "bigru", **{f"{part}_parameters": parameters}), VOCABULARY)


def test_ctc_needs_a_blank():
    with pytest.raises(OptionError, match="blank"):
        build(ModelSpec("resnet", "ctc"), Vocabulary.of("abc"))


def test_ctc_frames_are_distributions_and_can_be_finer_than_cells():
    spec = ModelSpec("resnet", "ctc", "none", SMALL["resnet"], {}, {"width": 16, "per_cell": 2})
    built = wake(build(spec, VOCABULARY))
    features, mask = built.memory(torch.rand(2, 1, 16, 48), torch.tensor([[16, 48], [16, 32]]))
    logprobs = built.generation.logprobs(features, mask)
    assert logprobs.shape == (2, 12, len(VOCABULARY))
    assert built.generation.lengths(mask).tolist() == [12, 8]
    torch.testing.assert_close(logprobs.exp().sum(-1), torch.ones(2, 12))


def test_the_glyph_head_shares_one_encoding_with_the_logits():
    built = network(glyph_classes=7)
    images, tokens = torch.rand(2, 1, 32, 48), torch.randint(0, len(VOCABULARY), (2, 5))
    logits, glyphs = built.forward_all(images, tokens)
    assert glyphs.shape == (2, 7, 4, 6)
    torch.testing.assert_close(logits, built(images, tokens))
    memory, _ = built.memory(images)
    torch.testing.assert_close(glyphs, built.glyphs(memory))
    torch.testing.assert_close(glyphs.permute(0, 2, 3, 1), built.glyph_logits(memory.permute(0, 2, 3, 1)))
    assert network().forward_all(images, tokens)[1] is None
    with pytest.raises(OptionError, match="glyph_classes"):
        network().glyphs(memory)


def test_tied_embeddings_count_once():
    tied, untied = (parameter_count(build(ModelSpec("resnet", "transformer", generation_parameters={"tied": tied}),
                                          VOCABULARY)) for tied in (True, False))
    assert untied - tied == 256 * len(VOCABULARY)


def test_open_groups_say_nothing_until_they_have_learnt():
    images, tokens = torch.rand(1, 1, 32, 48), torch.randint(0, len(VOCABULARY), (1, 8))
    plain, counting = network(), network(opens="[ab]", closes="c")
    expected = plain(images, tokens)
    assert (counting(images, tokens) - expected).abs().max() > 1e-2
    torch.nn.init.zeros_(counting.generation.open_groups.vectors.weight)
    counting.load_state_dict(plain.state_dict(), strict=False)
    torch.testing.assert_close(counting(images, tokens), expected)
    fresh = build(ModelSpec("resnet", "transformer", generation_parameters={"opens": "a", "closes": "b"}), VOCABULARY)
    assert not fresh.generation.open_groups.vectors.weight.any()


def test_groups_are_counted_by_the_tokens_that_open_and_close_them():
    counting = network(opens="[ab]", closes="c").generation.open_groups
    opened = counting.opened(torch.tensor([VOCABULARY.encode("dabcdccb")]))
    assert opened.tolist() == [[0, 1, 1, -1, 0, -1, -1, 1]]
    # fewer than none and more than most share a vector with their neighbours
    rows = counting(torch.tensor([-1.0, 0.0, 1.0, OpenGroups.MOST, OpenGroups.MOST + 3]))
    assert torch.equal(rows[0], rows[1]) and torch.equal(rows[3], rows[4]) and not torch.equal(rows[1], rows[2])


@pytest.mark.parametrize(("opens", "closes", "said"), [
    ("x", "c", "no token .* opens"), ("a", "", "none closes"), ("(", "c", r"'\(' is none")])
def test_groups_that_no_token_opens_or_closes_are_refused(opens, closes, said):
    with pytest.raises(OptionError, match=said):
        network(opens=opens, closes=closes)


def test_the_default_resnet_has_the_size_it_was_chosen_for():
    spec = ModelSpec("resnet", "transformer", "transformer")
    assert 1.5e6 < parameter_count(build(spec, VOCABULARY).extraction) < 2.5e6


@pytest.mark.parametrize("generation", [*STEPPING, COUNTING])
def test_later_tokens_do_not_change_earlier_logits(generation):
    built = stepping(generation)
    images, tokens = torch.rand(1, 1, 32, 48), torch.randint(0, len(VOCABULARY), (1, 8))
    changed = tokens.clone()
    changed[:, 5:] = (changed[:, 5:] + 1) % len(VOCABULARY)
    difference = (built(images, tokens) - built(images, changed)).abs().amax((0, 2))
    assert difference[:5].max() < 1e-6 < 1e-3 < difference[5:].min()
    assert np.isfinite(difference.detach().numpy()).all()
