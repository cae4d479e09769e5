"""A recipe: everything that makes one trained model, as plain data that goes to JSON and back."""

import dataclasses
import json
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from glyphic.core.errors import OptionError
from glyphic.core.options import DecodingOptions, InputSpec

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class ModelSpec:
    """A network by the names of its three parts (the tables of `glyphic.models.build`) and their parameters."""

    extraction: str
    generation: str
    refinement: str = "none"
    extraction_parameters: Parameters = field(default_factory=dict)
    refinement_parameters: Parameters = field(default_factory=dict)
    generation_parameters: Parameters = field(default_factory=dict)


@dataclass(frozen=True)
class DataSpec:
    """Where training pictures come from and how hard they are made."""

    degradation: float = 1.0  # 0 leaves pictures as rendered, 1 is the full range of blur, noise, JPEG, thresholds
    scale_jitter: float = 0.25  # symbol size varies by exp(+-scale_jitter)
    max_tokens: int = 160
    max_pixels: int = 160_000  # of one fitted picture
    validation: int = 500  # pictures per validation
    weights: Parameters = field(default_factory=dict)  # pack name prefix -> how many times as often (default 1)


@dataclass(frozen=True)
class TrainingSpec:
    """The optimisation. Steps are optimizer steps; `pixels` is the budget of one batch, summed over its pictures."""

    steps: int = 20_000
    pixels: int = 1_600_000
    batch: int = 96  # at most so many pictures
    learning_rate: float = 1e-3
    muon_rate: float = 0.01
    optimizer: str = "muon"  # "muon": Muon for matrices, AdamW for the rest; "adamw": AdamW for all
    weight_decay: float = 0.01
    warmup: int = 300
    schedule: str = "cosine"  # "cosine", "linear", "constant", after the warmup
    final: float = 0.02  # fraction of the rate that is left at the last step
    clip: float = 1.0
    accumulate: int = 1
    label_smoothing: float = 0.0
    ema: float = 0.999  # decay of the averaged weights that are validated and exported; 0 switches it off
    curriculum: tuple[tuple[int, int], ...] = ()  # (until step, longest target in tokens), ...; then no limit
    glyph_loss: float = 0.0  # weight of the per-cell glyph classification (needs packs with glyph positions)
    counting_loss: float = 0.0  # weight of counting each token in the picture (Li et al. 2022)
    relaxed_angles: float = 0.0  # what neighbours of a token (`Notation.near`, as of an angle) get of its target
    relaxed_from: float = 0.7  # from this share of the steps on
    minimum_risk: float = 0.0  # weight of the expected risk of the network's own readings (Shen et al. 2016)
    readings: int = 6  # of its beam, over which that risk is taken
    frozen: tuple[str, ...] = ()  # parts that stay as they are: "extraction", "refinement", "generation"
    precision: str = "bf16"  # "bf16" (autocast, where the machine computes in it) or "fp32"
    seed: int = 0
    workers: int = 1  # processes that prepare batches
    shared_batches: bool = False  # several processes share each batch instead of having batches of their own
    compile: bool = False  # torch.compile of the forward pass
    by_clock: bool = False  # the rate descends with the minutes that are gone, not with the steps: for a lent GPU
    minutes: float = 0.0  # stop in time to save and validate within so many minutes; 0 goes on to the last step
    log_every: int = 50
    checkpoint_minutes: float = 5.0
    validate_every: int = 2_000

    def __post_init__(self) -> None:
        for name, allowed in {"optimizer": ("muon", "adamw"), "schedule": ("cosine", "linear", "constant"),
                              "precision": ("bf16", "fp32")}.items():
            if getattr(self, name) not in allowed:
                raise OptionError(f"training.{name} must be one of {', '.join(allowed)}; got {getattr(self, name)!r}")
        if self.by_clock and not self.minutes > 0:
            raise OptionError("training.by_clock needs the minutes that a run may take; got training.minutes="
                              f"{self.minutes}")
        if not (0.0 <= self.relaxed_angles < 1.0 and 0.0 <= self.relaxed_from <= 1.0 and self.counting_loss >= 0.0):
            raise OptionError("training.relaxed_angles is at least 0 and below 1, relaxed_from from 0 to 1, and "
                              f"counting_loss not negative; got {self.relaxed_angles}, {self.relaxed_from} and "
                              f"{self.counting_loss}")
        if not (self.minimum_risk >= 0.0 and self.readings >= 2):
            raise OptionError("training.minimum_risk is not negative, and a risk is one of 2 readings or more; got "
                              f"minimum_risk={self.minimum_risk} and readings={self.readings}")
        if self.minimum_risk and self.compile:
            raise OptionError("a search is not compiled: give training.minimum_risk or training.compile, not both")
        parts = ("extraction", "refinement", "generation")
        if not set(self.frozen) < set(parts):
            raise OptionError(f"training.frozen names some of {', '.join(parts)}, not all; got "
                              f"{', '.join(self.frozen)}")


class Settings:
    """A frozen dataclass of plain data: to JSON and back, and copies in which single settings differ."""

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(typing.cast(Any, self))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> typing.Self:
        return typing.cast(typing.Self, _build(cls, data, ""))

    def override(self, settings: Sequence[str]) -> typing.Self:
        """A copy with `path=value` settings applied: `training.steps=1000`, `model.extraction=densenet`.

        Values are JSON, or else plain strings; a value of the wrong type or an unknown path is refused.
        """
        data = self.to_json()
        for setting in settings:
            path, equals, raw = setting.partition("=")
            if not equals:
                raise OptionError(f"a setting reads path=value, as in training.steps=1000; got {setting!r}")
            *parents, last = path.strip().split(".")
            place = data
            for depth, part in enumerate(parents):
                if not isinstance(place.get(part), dict):
                    raise OptionError(f"no setting {path!r}; {_choices(place, parents[:depth])}")
                place = place[part]
            if last not in place and not (parents and parents[-1].endswith(("parameters", "weights"))):
                raise OptionError(f"no setting {path!r}; {_choices(place, parents)}")
            try:
                place[last] = json.loads(raw)
            except json.JSONDecodeError:
                place[last] = raw
        return self.from_json(data)


@dataclass(frozen=True)
class Recipe(Settings):
    """One trained model: which notation, which network, which pictures, which optimisation, which search."""

    name: str
    notation: str
    model: ModelSpec
    input: InputSpec
    data: DataSpec = field(default_factory=DataSpec)
    training: TrainingSpec = field(default_factory=TrainingSpec)
    decoding: DecodingOptions = field(default_factory=DecodingOptions)  # how its bundle reads unless told otherwise


@dataclass(frozen=True)
class KindRecipe(Settings):
    """One trained classifier of kinds (`glyphic.core.kinds`): which network, how many pictures, which optimisation."""

    name: str
    channels: tuple[int, ...] = (16, 32, 64, 128)  # of the four stages of `glyphic.models.kinds.KindNet`
    blocks: tuple[int, ...] = (0, 1, 2, 3)
    pictures: int = 3_000  # of each kind: made once, then varied
    validation: int = 60  # of each kind, where the data has no validation set of its own
    training: TrainingSpec = field(default_factory=TrainingSpec)


def _choices(place: Mapping[str, Any], parents: Sequence[str]) -> str:
    return f"{'.'.join(parents) or 'a recipe'} has: {', '.join(sorted(place))}"


def _build(kind: Any, value: Any, path: str) -> Any:
    """`value` (JSON) as an instance of the annotated type `kind`; OptionError where it does not fit."""
    if dataclasses.is_dataclass(kind):
        return _build_dataclass(kind, value, path)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return None if value is None else _build(next(a for a in arguments if a is not types.NoneType), value, path)
    if origin is tuple:
        return _build_tuple(arguments, value, path)
    if origin is Mapping:
        _refuse_unless(isinstance(value, Mapping), path, "an object", value)
        return dict(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    fits = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
    _refuse_unless(fits, path, kind.__name__, value)
    return value


def _build_dataclass(kind: Any, value: Any, path: str) -> Any:
    _refuse_unless(isinstance(value, Mapping), path, "an object", value)
    inside, hints = f"{path}." if path else "", typing.get_type_hints(kind)
    if unknown := sorted(set(value) - set(hints)):
        raise OptionError(f"no setting {inside}{unknown[0]}; there are: {', '.join(sorted(hints))}")
    needed = {f.name for f in dataclasses.fields(kind)
              if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING}
    if missing := sorted(needed - set(value)):
        raise OptionError(f"{path or 'a recipe'} lacks {', '.join(missing)}")
    return kind(**{name: _build(hints[name], part, inside + name) for name, part in value.items()})


def _build_tuple(arguments: tuple[Any, ...], value: Any, path: str) -> tuple[Any, ...]:
    """tuple[X, ...] from a list of any length, tuple[X, Y] from a list of two."""
    _refuse_unless(isinstance(value, (list, tuple)), path, "a list", value)
    if arguments[-1] is Ellipsis:
        return tuple(_build(arguments[0], part, f"{path}[{i}]") for i, part in enumerate(value))
    _refuse_unless(len(value) == len(arguments), path, f"a list of {len(arguments)}", value)
    pairs = enumerate(zip(arguments, value, strict=True))
    return tuple(_build(kind, part, f"{path}[{i}]") for i, (kind, part) in pairs)


def _refuse_unless(fits: bool, path: str, wanted: str, value: Any) -> None:
    if not fits:
        raise OptionError(f"{path or 'a recipe'} must be {wanted}; got {value!r}")
