"""A running service, by its address, becomes a `Client` that reads as the library does; the standard library only.

    client = Client("http://127.0.0.1:8000")
    print(client.read("formula.png").text)
"""

import http.client
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from glyphic.core.errors import GlyphicError, ImageError
from glyphic.core.results import Recognition

PATIENT = (429, 503)  # answers after which it is worth to try again


class ServiceError(GlyphicError):
    """The service refused, or cannot be reached. `status`: of HTTP, 0 where there was no answer; `code`: the kind of
    problem; `request_id`: what the service's log calls the request; `retry_after`: seconds, where it said so."""

    def __init__(self, message: str, status: int = 0, code: str = "", request_id: str = "",
                 retry_after: float | None = None):
        super().__init__(message)
        self.status, self.code, self.request_id, self.retry_after = status, code, request_id, retry_after


class BusyError(ServiceError):
    """The service has too much to do, or is only starting."""


class RefusedError(ServiceError):
    """The picture or the options are of no use; trying again does not help."""


class BrokenError(ServiceError):
    """The service failed, was too slow, or cannot be reached."""


class Client:
    """address: of the service, as http://127.0.0.1:8000. timeout: seconds for each request. retries: how often a
    request is sent again that the service had no room for, each after the time that it asked for, `patience` seconds at
    most."""

    def __init__(self, address: str, timeout: float = 30.0, retries: int = 3, patience: float = 10.0):
        scheme = urllib.parse.urlsplit(address).scheme
        if scheme not in ("http", "https"):
            raise ServiceError(f"an address begins with http:// or https://; got {address!r}")
        self.address, self.timeout, self.retries, self.patience = address.rstrip("/"), timeout, retries, patience

    def read(self, picture: str | os.PathLike[str] | bytes, notation: str | None = None, *, model: str | None = None,
             formats: Sequence[str] | None = None, alternatives: int = 0,
             lexicon: Sequence[str] = ()) -> Recognition:
        """The reading of a picture: the path of a file, or the bytes of one.

        notation: formula (where nothing is given), molecule, music, text, or auto. formats: None for all.
        Errors: ImageError for a file that cannot be opened; RefusedError, BusyError, BrokenError.
        """
        options: dict[str, Any] = {"notation": notation, "model": model, "alternatives": alternatives or None,
                                   "formats": None if formats is None else ",".join(formats), "lexicon": list(lexicon)}
        given = {name: value for name, value in options.items() if value is not None}
        answer = self._ask("/v1/read?" + urllib.parse.urlencode(given, doseq=True), _data(picture))
        try:
            return Recognition.from_json(answer)
        except (KeyError, TypeError, ValueError) as error:
            raise BrokenError(f"{self.address} answered what is no reading: {error!r}") from error

    def models(self) -> list[dict[str, Any]]:
        """What the service can read with: name, version, sha256, notation, formats, scores."""
        found: list[dict[str, Any]] = self._ask("/v1/models")
        return found

    def _ask(self, path: str, body: bytes | None = None) -> Any:
        for attempt in range(self.retries + 1):
            try:
                return self._send(path, body)
            except BusyError as error:
                if attempt == self.retries:
                    raise
                time.sleep(min(self.patience, 1.0 if error.retry_after is None else error.retry_after))
        raise AssertionError("a loop of at least one attempt")

    def _send(self, path: str, body: bytes | None) -> Any:
        headers = {"Accept": "application/json", **({"Content-Type": "application/octet-stream"} if body else {})}
        request = urllib.request.Request(self.address + path, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise _error(error) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise BrokenError(f"{self.address} cannot be reached, or gives no answer: {error}") from error


def _data(picture: str | os.PathLike[str] | bytes) -> bytes:
    if isinstance(picture, bytes):
        return picture
    try:
        return Path(picture).read_bytes()
    except OSError as error:
        raise ImageError(f"cannot open {os.fspath(picture)}: {error.strerror or error}") from error


def _error(answer: urllib.error.HTTPError) -> ServiceError:
    try:
        problem = json.load(answer)
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    kind = BusyError if answer.code in PATIENT else RefusedError if answer.code < 500 else BrokenError
    message = str(problem.get("detail") or f"{answer.code} {answer.reason}")
    return kind(message, answer.code, str(problem.get("code", "")), answer.headers.get("X-Request-ID", ""),
                _seconds(answer.headers.get("Retry-After")))


def _seconds(value: str | None) -> float | None:
    """Retry-After is a number of seconds, or a date."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
