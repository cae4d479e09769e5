"""The network that tells kinds apart."""

import pytest

torch = pytest.importorskip("torch")

from glyphic import recipes  # noqa: E402
from glyphic.core.errors import OptionError  # noqa: E402
from glyphic.core.kinds import KINDS, SHAPES  # noqa: E402
from glyphic.core.recipe import KindRecipe  # noqa: E402
from glyphic.models.build import parameter_count  # noqa: E402
from glyphic.models.kinds import KindNet, Probabilities  # noqa: E402


def small() -> KindNet:
    torch.manual_seed(0)
    return KindNet(len(KINDS), (4, 4, 8, 8), (0, 0, 1, 1)).eval()


def test_the_published_recipe_has_at_most_half_a_million_parameters():
    recipe = recipes.get("kind")
    assert isinstance(recipe, KindRecipe)
    assert 1e5 < parameter_count(KindNet(len(KINDS), recipe.channels, recipe.blocks)) <= 5e5


@pytest.mark.parametrize("shape", [SHAPES[0], SHAPES[-1], (150, 161)])
def test_views_of_any_shape_get_probabilities(shape):
    with torch.no_grad():
        found = Probabilities(small())(torch.rand(3, 1, *shape))
    assert found.shape == (3, len(KINDS))
    assert torch.allclose(found.sum(1), torch.ones(3), atol=1e-5)


def test_a_batch_is_told_as_its_pictures_are_one_by_one():
    images, network = torch.rand(3, 1, 32, 48), small()
    with torch.no_grad():
        each = torch.cat([network(image[None]) for image in images])
        assert torch.allclose(network(images), each, atol=1e-4)


@pytest.mark.parametrize(("channels", "blocks", "kinds"), [((4, 4, 4), (0, 0, 0), 7), ((4,) * 4, (0,) * 3, 7),
                                                          ((4,) * 4, (0,) * 4, 1)])
def test_other_numbers_of_stages_are_refused(channels, blocks, kinds):
    with pytest.raises(OptionError, match="four channels"):
        KindNet(kinds, channels, blocks)
