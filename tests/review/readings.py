"""Pictures and readings to queue."""

from typing import Any

from glyphic.core.results import Alternative, ModelIdentity, Recognition


def picture(number: int) -> bytes:
    """Bytes that begin as a PNG does."""
    return b"\x89PNG\r\n\x1a\n" + number.to_bytes(8, "big")


def reading(text: str = "a word", confidence: float = 0.5, notation: str = "text") -> dict[str, Any]:
    return Recognition(text, notation, confidence, alternatives=(Alternative("another", 0.1),),
                       model=ModelIdentity("toy", "1")).to_json()
