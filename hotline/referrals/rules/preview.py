"""T0: all that a partner sees before it accepts (operations.md 4.1). No free text, ever.

The fields of `Preview` are an allow-list. A test names them one by one, so that a new one is
reviewed by somebody before any partner sees it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from hotline.core.errors import Invalid
from hotline.referrals.rules import codes
from hotline.referrals.rules.clocks import WINDOW
from hotline.referrals.rules.matching import Needs

SEX_MATTERS: Final = frozenset({"shelter"})


@dataclass(frozen=True, slots=True)
class Preview:
    alias: str
    service: str
    priority: str
    age_band: str
    sex: str | None  # only where a shelter needs it
    languages: tuple[str, ...]
    oblast: str
    with_child: bool
    disability: bool
    medical: bool
    safety: str
    window: str


def preview_of(alias: str, needs: Needs) -> Preview:
    """Raises `Invalid` when a value is not one of the coded ones."""
    check(needs)
    return Preview(
        alias=alias,
        service=needs.service,
        priority=needs.priority,
        age_band=needs.age_band,
        sex=needs.sex if needs.service in SEX_MATTERS else None,
        languages=needs.languages,
        oblast=needs.oblast,
        with_child=needs.with_child,
        disability=needs.disability,
        medical=needs.medical,
        safety=needs.safety,
        window=WINDOW[needs.priority],
    )


def check(needs: Needs) -> None:
    """Raises `Invalid` naming the field that is no coded value."""
    allowed = (
        ("service", needs.service, codes.SERVICES),
        ("priority", needs.priority, codes.PRIORITIES),
        ("age", needs.age_band, codes.AGE_BANDS),
        ("sex", needs.sex, codes.SEXES),
        ("oblast", needs.oblast, codes.OBLASTS),
        ("safety", needs.safety, codes.SAFETY),
        *(("language", language, codes.LANGUAGES) for language in needs.languages),
    )
    for name, value, known in allowed:
        if value not in known:
            raise Invalid(f"Choose the {name} from the list.", key="error.choice")


def to_stored(preview: Preview) -> dict[str, Any]:
    return {**asdict(preview), "languages": list(preview.languages)}


def from_stored(stored: Mapping[str, Any]) -> Preview:
    """Only what the type allows, whatever else a row may hold."""
    known = {field.name: stored[field.name] for field in fields(Preview)}
    return Preview(**{**known, "languages": tuple(known["languages"])})
