"""A ModelSpec and a vocabulary go in, a network comes out: the three tables of parts and how they are put together."""

import inspect
from collections.abc import Mapping
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from glyphic.core.errors import OptionError, UnknownNameError
from glyphic.core.recipe import ModelSpec
from glyphic.core.vocabulary import Vocabulary
from glyphic.models.features import DenseNet, FastNet, ResNet
from glyphic.models.generation import CtcGeneration, TransformerGeneration
from glyphic.models.layers import cell_mask
from glyphic.models.lines import Crnn, ResNet15, ResNet23
from glyphic.models.recurrent import AttentionGeneration, CoverageGeneration, EncoderDecoderGeneration
from glyphic.models.refinement import BiGruRefinement, BiLstmRefinement, NoRefinement, TransformerRefinement
from glyphic.models.staves import StaffCrnn, StaffNet

EXTRACTION: dict[str, type[nn.Module]] = {
    "resnet": ResNet,
    "fast": FastNet,
    "densenet": DenseNet,
    "crnn": Crnn,
    "resnet15": ResNet15,
    "resnet23": ResNet23,
    "staff": StaffNet,
    "staff-crnn": StaffCrnn,
}
REFINEMENT: dict[str, type[nn.Module]] = {
    "none": NoRefinement,
    "bilstm": BiLstmRefinement,
    "bigru": BiGruRefinement,
    "transformer": TransformerRefinement,
}
GENERATION: dict[str, type[nn.Module]] = {
    "transformer": TransformerGeneration,
    "ctc": CtcGeneration,
    "encoder-decoder": EncoderDecoderGeneration,
    "attention": AttentionGeneration,
    "coverage": CoverageGeneration,
}


RARE = -6.0  # where the head that counts begins: of most tokens a picture has none, in any of some hundred cells


class Network(nn.Module):
    """Extraction, refinement and generation, joined by one memory tensor (N, D, h, w) and its mask (N, h, w).

    For training alone: glyph_classes > 0 adds a head that tells which glyph a cell belongs to, counted > 0 one that
    tells how many of each of so many tokens are in the picture.
    """

    extraction: Any  # modules of the tables above; what they offer stands at the top of their files
    refinement: Any
    generation: Any

    def __init__(self, extraction: Any, refinement: Any, generation: Any, glyph_classes: int = 0, counted: int = 0):
        super().__init__()
        self.extraction, self.refinement, self.generation = extraction, refinement, generation
        self.glyph_head = nn.Conv2d(refinement.width, glyph_classes, 1) if glyph_classes else None
        self.count_head = nn.Conv2d(refinement.width, counted, 1) if counted else None
        if self.count_head is not None:
            nn.init.constant_(self.count_head.bias, RARE)

    @property
    def strides(self) -> tuple[int, int]:
        """Pixels per memory cell, down and across."""
        down, across = self.extraction.strides
        return int(down), int(across)

    def memory(self, images: Tensor, sizes: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """images: (N, 1, H, W), 1 = paper; sizes: (N, 2) true heights and widths, None = all full.

        Returns refined features (N, D, h, w), one cell for `strides` pixels, and their mask (N, h, w), True = picture;
        None where there is nothing to mask.
        """
        features = self.extraction(images, sizes)
        mask = None if sizes is None else cell_mask(sizes, features.shape[2], features.shape[3], self.strides)
        return self.refinement(features, mask), mask

    def forward(self, images: Tensor, tokens: Tensor, sizes: Tensor | None = None) -> Tensor:
        """Teacher forcing: tokens (N, T), <bos> first -> logits (N, T, V) of the tokens that follow.

        CTC ignores the tokens; its T are frames and its logits log-probabilities.
        """
        features, mask = self.memory(images, sizes)
        return self.generation(features, mask, tokens)

    def forward_all(self, images: Tensor, tokens: Tensor, sizes: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """`forward` and, if there is a glyph head, `glyphs`, with the picture encoded once."""
        features, mask = self.memory(images, sizes)
        glyphs = None if self.glyph_head is None else self.glyph_head(features)
        return self.generation(features, mask, tokens), glyphs

    def glyph_logits(self, cells: Tensor) -> Tensor:
        """cells: (K, D), some cells of a memory -> logits (K, glyph_classes)."""
        if self.glyph_head is None:
            raise OptionError("this network has no glyph head; build it with glyph_classes > 0")
        return F.linear(cells, self.glyph_head.weight.flatten(1), self.glyph_head.bias)

    def counts(self, features: Tensor, mask: Tensor | None) -> Tensor:
        """features and mask from `memory` -> (N, counted): how many of each token, a share of one from every cell."""
        if self.count_head is None:
            raise OptionError("this network has no head that counts; build it with counting=True")
        shares = F.softplus(self.count_head(features).float())
        return (shares if mask is None else shares * mask[:, None]).sum((2, 3))

    def glyphs(self, features: Tensor) -> Tensor:
        """features: (N, D, h, w) from `memory` -> logits (N, glyph_classes, h, w)."""
        if self.glyph_head is None:
            raise OptionError("this network has no glyph head; build it with glyph_classes > 0")
        return self.glyph_head(features)


def build(spec: ModelSpec, vocabulary: Vocabulary, glyph_classes: int = 0, counting: bool = False) -> Network:
    """A fresh network. UnknownNameError for a part, OptionError for a parameter that does not exist."""
    extraction = _make("extraction", EXTRACTION, spec.extraction, spec.extraction_parameters)
    refinement = _make("refinement", REFINEMENT, spec.refinement, spec.refinement_parameters, extraction.width)
    generation = _make("generation", GENERATION, spec.generation, spec.generation_parameters, refinement.width,
                       vocabulary)
    return Network(extraction, refinement, generation, glyph_classes, len(vocabulary) if counting else 0)


def parameter_count(module: nn.Module) -> int:
    """Trainable numbers, shared ones counted once."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def _make(kind: str, table: Mapping[str, type[nn.Module]], name: str, parameters: Mapping[str, Any],
          *given: Any) -> Any:
    if name not in table:
        raise UnknownNameError(kind, name, table)
    signature = inspect.signature(table[name])
    allowed = [p.name for p in signature.parameters.values() if p.kind is p.KEYWORD_ONLY]
    unknown = sorted(set(parameters) - set(allowed))
    if unknown:
        raise OptionError(f"{kind} {name!r} has no parameter {unknown[0]!r}; it has: {', '.join(allowed) or 'none'}")
    return table[name](*given, **parameters)
