"""What a loss may ask of a network beside the next token: counts of tokens, and tokens that are nearly right.

Both are switches of `TrainingSpec` and off by default. Letters: N pictures, T tokens, V vocabulary, K neighbours.
"""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from glyphic.core.vocabulary import Vocabulary

Neighbours = tuple[Tensor, Tensor]  # (V, K) ids and (V, K) weights, 0 where a token has fewer


def count_loss(counts: Tensor, targets: Tensor, vocabulary: Vocabulary) -> Tensor:
    """counts: (N, V) as seen in the whole picture; targets: (N, T) -> smooth L1, per token of the targets.

    Weakly supervised counting (Li et al. 2022, CAN): where symbols are is not told, only how many of each there are.
    """
    wanted = torch.zeros_like(counts).scatter_add_(1, targets, torch.ones_like(targets, dtype=counts.dtype))
    text = torch.ones(len(vocabulary), device=counts.device, dtype=counts.dtype)
    text[sorted(vocabulary.specials)] = 0.0
    wrong = F.smooth_l1_loss(counts * text, wanted * text, reduction="sum")
    return wrong / (wanted * text).sum().clamp(min=1.0)


def neighbours(vocabulary: Vocabulary, near: Mapping[str, Mapping[str, float]], share: float,
               device: torch.device) -> Neighbours:
    """The notation's neighbours of each token (`Notation.near`) as tensors; all of a token's get `share` together."""
    most = max(map(len, near.values()), default=1)
    ids = torch.arange(len(vocabulary))[:, None].repeat(1, most)
    weights = torch.zeros(len(vocabulary), most)
    for token, others in near.items():
        if token not in vocabulary.ids:
            continue
        row, total = vocabulary.ids[token], sum(others.values())
        for place, (other, weight) in enumerate(others.items()):
            if other in vocabulary.ids:
                ids[row, place], weights[row, place] = vocabulary.ids[other], share * weight / total
    return ids.to(device), weights.to(device)


def relaxation(logits: Tensor, targets: Tensor, near: Neighbours, pad: int) -> Tensor:
    """What is to be added to the cross-entropy of (N, T, V) logits with (N, T) targets, <pad> left out, so that a
    token's neighbours share in its target: an angle that is read one step off is then not as wrong as any."""
    ids, weights = near[0][targets], near[1][targets]  # (N, T, K)
    logprobs = logits.float().log_softmax(-1)
    own = logprobs.gather(-1, targets[..., None])
    cost = (weights * (own - logprobs.gather(-1, ids))).sum(-1)
    real = targets != pad
    return (cost * real).sum() / real.sum().clamp(min=1)
