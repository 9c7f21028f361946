"""Sealing of fields, data keys, blind index, ids and tokens. Nothing is encrypted anywhere else.

Formats (operations.md 8.9):

* **Key file**: one line a key, `<kind> <id> <base64 of 32 bytes>`; kind is `root` or `index`. The
  last `root` wraps, earlier ones still unwrap. The one `index` key never rotates by itself, because
  people are found by it.
* **Sealed field**: `0x01 | nonce (12) | AES-256-GCM ciphertext and tag`. The associated data bind
  it to algorithm, version, schema, table, column and row id, so a value moved elsewhere does not
  open. The data key is known from the row's owner (contact or case), never from the envelope.
* **Data key**: 32 random bytes per contact and per case. It is stored only wrapped, one row per
  reader (`key_wraps`): today the reader is `server:<root id>`; wrapping for a person's own key pair
  adds rows and touches no content. Destroying every wrap of a key shreds what it sealed.
"""

import base64
import hashlib
import hmac
import os
import re
import secrets
import stat
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SCHEMA = "hotline-1"
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_VERSION = b"\x01"
_NONCE = 12
_KEY = 32
_TAG = 16

# One label per purpose, all in this file (operations.md 8.9.3).
LABEL_WRAP = "wrap data keys"
LABEL_SERVER_FIELDS = "fields owned by the server"
LABEL_TOKENS = "keyed hash of login tokens"
LABEL_CSRF = "form tokens"
LABEL_INDEX = "blind index of addresses"


class KeysUnusable(Exception):
    """The key file is missing, unreadable or open to others; the text says which."""


class SealBroken(Exception):
    """A sealed value does not open here: wrong key, wrong row, or altered."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value lives. `row` must never change."""

    table: str
    column: str
    row: str

    def bound(self) -> bytes:
        return _column(self.table, self.column) + _counted(self.row)


def _counted(part: str) -> bytes:
    """With its length before it, so that no two lists of parts give the same bytes."""
    encoded = part.encode()
    return len(encoded).to_bytes(2, "big") + encoded


@lru_cache(maxsize=256)
def _column(table: str, column: str) -> bytes:
    parts = ("AES-256-GCM", "1", SCHEMA, "field", table, column)
    return b"".join(map(_counted, parts))


_BASE_32 = b"abcdefghijklmnopqrstuvwxyz234567"
_FIVE_BITS = bytes(_BASE_32[n % 32] for n in range(256))


class _Run:
    """Ids that follow each other: a random beginning, a number that grows, and 60 random bits.

    Rows that are written together so lie together in every index, and a full store stays as quick
    as an empty one. The numbers begin anew, under another beginning, after about a million ids.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._beginning = secrets.token_bytes(4).translate(_FIVE_BITS).decode()
        self._numbers = iter(range(32**4))

    def next(self) -> str:
        with self._lock:
            number = next(self._numbers, None)
            if number is None:
                self._begin()
                number = next(self._numbers)
            beginning = self._beginning
        middle = "".join(chr(_IN_ORDER[number >> shift & 31]) for shift in (15, 10, 5, 0))
        return beginning + middle + secrets.token_bytes(12).translate(_FIVE_BITS).decode()


_IN_ORDER = sorted(_BASE_32)
"""The letters in the order in which a database sorts them."""

_ids = _Run()


def new_id() -> str:
    """20 characters of lower-case base 32 that nobody can guess: 60 bits of each are random."""
    return _ids.next()


def new_token() -> str:
    """256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def new_pin(digits: int = 4) -> str:
    return "".join(secrets.choice("0123456789") for _ in range(digits))


def choose(items: tuple[str, ...]) -> str:
    """One of `items` at random (case aliases)."""
    return secrets.choice(items)


def jitter() -> float:
    """A random number from 0 to 1, for backoff."""
    return secrets.randbelow(1_000_000) / 1_000_000


def new_data_key() -> bytes:
    return secrets.token_bytes(_KEY)


@lru_cache(maxsize=4096)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def seal(key: bytes, value: str | bytes, place: Place) -> bytes:
    """The sealed form of `value` for this one place."""
    nonce = secrets.token_bytes(_NONCE)
    plain = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
    return _VERSION + nonce + _cipher(key).encrypt(nonce, plain, place.bound())


def unseal_bytes(key: bytes, sealed: bytes, place: Place) -> bytes:
    """The plain bytes. Raises `SealBroken`."""
    if len(sealed) < 1 + _NONCE + _TAG or sealed[:1] != _VERSION:
        raise SealBroken(f"{place.table}.{place.column}: not a sealed value")
    try:
        return _cipher(key).decrypt(
            sealed[1 : 1 + _NONCE], bytes(sealed[1 + _NONCE :]), place.bound()
        )
    except InvalidTag:
        raise SealBroken(f"{place.table}.{place.column} does not open") from None


def unseal(key: bytes, sealed: bytes, place: Place) -> str:
    return unseal_bytes(key, sealed, place).decode("utf-8", "surrogatepass")


def same(a: str, b: str) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(a.encode(), b.encode())


def _derive(root: bytes, label: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=_KEY, salt=None, info=label.encode()).derive(root)


class KeyRing:
    """The server's root keys and what is derived from them."""

    def __init__(self, roots: Mapping[str, bytes], index: bytes) -> None:
        if not roots:
            raise KeysUnusable("The key file holds no root key.")
        self._wrapping = {kid: _derive(root, LABEL_WRAP) for kid, root in roots.items()}
        self._current = next(reversed(list(roots)))
        first = next(iter(roots.values()))
        self._server = {kid: _derive(root, LABEL_SERVER_FIELDS) for kid, root in roots.items()}
        self._index = _derive(index, LABEL_INDEX)
        self._tokens = _derive(first, LABEL_TOKENS)
        self._csrf = _derive(first, LABEL_CSRF)

    @property
    def current(self) -> str:
        """Name of the reader under which new data keys are wrapped."""
        return f"server:{self._current}"

    def wrap(self, data_key: bytes, key_id: str) -> bytes:
        """`data_key` wrapped for the server; bound to `key_id`."""
        place = Place("key_wraps", "wrapped", key_id)
        return seal(self._wrapping[self._current], data_key, place)

    def unwrap(self, wrapped: bytes, key_id: str, reader: str) -> bytes:
        """The data key. `reader` names the root key that wrapped it. Raises `SealBroken`."""
        kid = reader.removeprefix("server:")
        if kid not in self._wrapping:
            raise SealBroken(f"root key {kid} is not in the key file")
        return unseal_bytes(self._wrapping[kid], wrapped, Place("key_wraps", "wrapped", key_id))

    def seal_own(self, value: str | bytes, place: Place) -> bytes:
        """Seals what belongs to no contact or case (second-factor secrets, drafts of settings)."""
        kid = self._current.encode()
        return bytes([len(kid)]) + kid + seal(self._server[self._current], value, place)

    def unseal_own(self, sealed: bytes, place: Place) -> str:
        length = sealed[0] if sealed else 0
        kid = bytes(sealed[1 : 1 + length]).decode(errors="replace")
        if kid not in self._server:
            raise SealBroken("the root key that sealed this is not in the key file")
        return unseal(self._server[kid], sealed[1 + length :], place)

    def blind_index(self, channel: str, address: str) -> str:
        """Keyed hash by which a person is found; equal addresses give equal values."""
        text = f"{channel}\x00{address}".encode()
        return hmac.new(self._index, text, hashlib.sha256).hexdigest()

    def token_hash(self, token: str) -> str:
        """What is stored of a login token."""
        return hmac.new(self._tokens, token.encode(), hashlib.sha256).hexdigest()

    def form_token(self, token: str, purpose: str = "") -> str:
        """The anti-forgery token of the login `token`."""
        text = f"{token}\x00{purpose}".encode()
        return hmac.new(self._csrf, text, hashlib.sha256).hexdigest()


def new_key_file(path: Path) -> None:
    """Writes a fresh key file with mode 600. Never overwrites one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        f"{kind} {kid} {base64.b64encode(secrets.token_bytes(_KEY)).decode()}\n"
        for kind, kid in (("root", "k1"), ("index", "i1"))
    ]
    path.touch(mode=0o600, exist_ok=False)
    path.write_text("".join(lines))


def load_keys(path: Path) -> KeyRing:
    """Reads the key file. Raises `KeysUnusable` with one sentence saying what is wrong."""
    try:
        with path.open() as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read()
    except OSError as error:
        raise KeysUnusable(f"The key file cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise KeysUnusable("The key file is not a text file.") from None
    if stat.S_IMODE(mode) & 0o077:
        raise KeysUnusable("The key file can be read by others: set its mode to 600.")
    return parse_keys(text)


def parse_keys(text: str) -> KeyRing:
    """Keys from the text of a key file (also used for a key given by the environment)."""
    roots: dict[str, bytes] = {}
    index: bytes | None = None
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            kind, kid, encoded = words
            value = base64.b64decode(encoded, validate=True)
        except ValueError:
            raise KeysUnusable(f"Line {number} of the key file is not `kind id base64`.") from None
        if len(value) != _KEY:
            raise KeysUnusable(f"The key on line {number} of the key file is not 32 bytes long.")
        if not _KEY_ID.fullmatch(kid):
            raise KeysUnusable(f"Line {number} of the key file: the id is not a short plain word.")
        if len(set(value)) == 1:
            raise KeysUnusable(f"The key on line {number} of the key file is not random.")
        if kind == "root" and kid in roots:
            # The later one would hide the earlier, and with it all that it has wrapped.
            raise KeysUnusable(f"Line {number} of the key file: this root key is there twice.")
        if kind == "index" and index is not None:
            raise KeysUnusable(
                f"Line {number} of the key file: a second index key. With another index key nobody "
                "who wrote before would be found again."
            )
        if kind == "root":
            roots[kid] = value
        elif kind == "index":
            index = value
        else:
            raise KeysUnusable(f"Line {number} of the key file: unknown kind.")
    if index is None:
        raise KeysUnusable("The key file holds no index key.")
    return KeyRing(roots, index)
