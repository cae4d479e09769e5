"""The options of a request, from its address or its form, become one checked `Order`."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from glyphic.service.problems import of_validation

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")  # of pictures, as Pillow calls them

Word = Annotated[str, Field(max_length=200)]


class Draft(BaseModel):
    """A text that a person wrote."""

    model_config = ConfigDict(extra="forbid")

    notation: str = Field(max_length=100)
    text: str = Field(max_length=20_000)


class Order(BaseModel):
    """How a picture is to be read."""

    model_config = ConfigDict(extra="forbid")

    notation: str | None = Field(
        default=None, max_length=100,
        description="formula, molecule, music, text, or auto, by the picture; formula where no model is given either")
    model: str | None = Field(
        default=None, max_length=100, description="one that /v1/models lists, in place of that of the notation")
    formats: str | None = Field(
        default=None, max_length=1000,
        description="names with commas between them; all of the notation where nothing is given, none for nothing")
    alternatives: int = Field(default=0, ge=0, le=10, description="how many other readings are given as well")
    lexicon: list[Word] = Field(
        default=[], max_length=1000, description="words that are expected; others are read as well")

    @field_validator("notation", "model", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        return None if value == "" else value

    @property
    def wanted(self) -> tuple[str, ...] | None:
        """The names of formats; None for all."""
        return None if self.formats is None else tuple(dict.fromkeys(filter(None, self.formats.split(","))))

    def updated(self, fields: Mapping[str, list[str]]) -> "Order":
        """With the fields of a form in place of what the address says; Problem 422 for what makes no sense."""
        given: dict[str, Any] = self.model_dump(exclude_unset=True)
        given |= {name: values if name == "lexicon" else values[-1] for name, values in fields.items()}
        try:
            return Order.model_validate(given)
        except ValidationError as error:
            raise of_validation(error.errors(include_url=False, include_input=False, include_context=False)) from None
