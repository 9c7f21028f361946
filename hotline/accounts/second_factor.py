"""Time-based codes (RFC 6238) and printed recovery codes."""

import base64
import re
from datetime import datetime
from typing import Final

import pyotp

from hotline.crypto import KeyRing, choose

ISSUER: Final = "Hotline 189"
STEP_SECONDS: Final = 30
RECOVERY_CODES: Final = 10
_ALPHABET: Final = tuple("23456789abcdefghjkmnpqrstuvwxyz")  # nothing that looks like another
_WINDOW: Final = 1  # clocks of telephones are off by up to half a minute


def new_secret() -> str:
    """160 random bits in base 32."""
    return pyotp.random_base32()


def demo_secret(login: str) -> str:
    """The fixed secret of a demonstration account, so that its code can be printed anywhere."""
    return base64.b32encode(f"demonstration:{login}".encode().ljust(20, b".")[:20]).decode()


def address(secret: str, login: str) -> str:
    """The `otpauth://` address that an authenticator reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def current(secret: str, now: datetime) -> str:
    return pyotp.TOTP(secret).at(now)


def matching_step(secret: str, code: str, *, now: datetime, last_step: int | None) -> int | None:
    """The time step a code belongs to, if it fits now and was not used before; else None."""
    digits = re.sub(r"[\s-]", "", code)
    if not re.fullmatch(r"[0-9]{6}", digits):
        return None
    here = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in range(here - _WINDOW, here + _WINDOW + 1):
        fits = pyotp.utils.strings_equal(totp.generate_otp(step), digits)
        if fits and (last_step is None or step > last_step):
            return step
    return None


def new_recovery_codes() -> tuple[str, ...]:
    """Ten codes of about 50 bits each, to be printed and used once."""
    return tuple(_recovery_code() for _ in range(RECOVERY_CODES))


def recovery_hash(keys: KeyRing, user_id: str, code: str) -> str:
    """What is stored of a recovery code. Spaces, dashes and capitals do not matter."""
    plain = re.sub(r"[\s-]", "", code).casefold()
    return keys.token_hash(f"recovery\x00{user_id}\x00{plain}")


def _recovery_code() -> str:
    return "-".join("".join(choose(_ALPHABET) for _ in range(5)) for _ in range(2))
