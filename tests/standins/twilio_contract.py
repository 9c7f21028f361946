"""Whether a request is one that Twilio would take.

The published OpenAPI description judges it when the folder of shared data is there; own rules add
what the description leaves out: unknown fields, the length of a message, the form of numbers.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest

ROOT = Path(__file__).resolve().parents[2]
USED = (
    "/2010-04-01/Accounts/{Sid}.json",
    "/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json",
    "/2010-04-01/Accounts/{AccountSid}/Messages.json",
    "/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json",
    "/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Media.json",
)
LONGEST_BODY = 1600
CREATE_FIELDS = frozenset({"To", "From", "MessagingServiceSid", "Body", "StatusCallback"})
E164 = re.compile(r"\+[1-9]\d{6,14}")


@cache
def description() -> OpenAPI | None:
    """The part of Twilio's description that is used here; None where it is not given."""
    folder = Path(os.environ.get("HOTLINE_SHARED") or ROOT.parent / "shared")
    path = folder / "data" / "twilio_api_v2010.json"
    if not path.is_file():
        return None
    whole: dict[str, Any] = json.loads(path.read_text())
    whole["paths"] = {name: whole["paths"][name] for name in USED}
    return OpenAPI.from_dict(whole)


@cache
def warm_up() -> None:
    """Loads the description and whatever its judge prepares on first use."""
    problems("GET", "/2010-04-01/Accounts/AC" + "0" * 32 + "/Messages.json", {}, {}, b"")


def problems(
    method: str,
    path: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    body: bytes,
) -> list[str]:
    """What the description has against a request; empty when nothing, or when it is not there."""
    api = description()
    if api is None:
        return []
    request = MockRequest(
        "https://api.twilio.com",
        method.lower(),
        path,
        args=dict(query),
        headers=dict(headers),
        data=body or None,
        content_type=headers.get("content-type", "application/json"),
    )
    try:
        api.validate_request(request)
    except OpenAPIError as error:
        cause = error.__cause__ or error
        details = [str(one.message) for one in getattr(cause, "schema_errors", ())]
        return [f"{type(error).__name__}: {'; '.join(details) or cause}"]
    return []


def create_problems(form: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Twilio's own error code and words for what is wrong with a new message."""
    unknown = set(form) - CREATE_FIELDS
    if unknown:
        yield 20001, f"fields that the hotline has no use for: {sorted(unknown)}"
    if not form.get("To"):
        yield 21604, "A 'To' phone number is required."
    elif not E164.fullmatch(form["To"]):
        yield 21211, "The 'To' number is not a valid phone number."
    if not form.get("Body", "").strip():
        yield 21602, "Message body is required."
    elif len(form["Body"]) > LONGEST_BODY:
        yield 21617, "The concatenated message body exceeds the 1600 character limit."
    if bool(form.get("From")) == bool(form.get("MessagingServiceSid")):
        yield 21603, "A 'From' phone number is required."
    elif form.get("From") and not E164.fullmatch(form["From"]):
        yield 21212, "The 'From' number is not a valid phone number."
    callback = form.get("StatusCallback")
    if callback is not None and (
        urlsplit(callback).scheme not in {"http", "https"} or not urlsplit(callback).netloc
    ):
        yield 21609, "The StatusCallback URL is not valid."
