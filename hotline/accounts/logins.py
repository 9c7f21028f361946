"""Signing in and out. Only keyed hashes of login tokens are stored (operations.md 8.10).

A sign-in takes four calls, because a password is checked slowly and never inside a transaction:
`begin` (write) -> `passwords.verify` (any thread) -> `finish` (write) -> `pass_factor` (write).
"""

from datetime import datetime, timedelta
from typing import Final

from hotline.accounts import guard, passwords, repository, second_factor
from hotline.accounts.values import Attempt, Login, Passed, SignedIn, Stage, User
from hotline.audit.service import record
from hotline.core.actor import SYSTEM, Actor
from hotline.crypto import KeyRing, Place, new_token, same
from hotline.db.transaction import Tx

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
HALF_WAY: Final = timedelta(minutes=15)
"""How long the second factor may take after the password."""

TOUCH_EVERY: Final = timedelta(seconds=60)
"""A use is written at most this often; the idle limit is that much more patient."""


def begin(
    tx: Tx,
    keys: KeyRing,
    *,
    login: str,
    address: str,
    now: datetime,
    cost: passwords.Cost = passwords.STANDARD,
    with_demo: bool = False,
) -> Attempt:
    """Counts the try and says which hash to check. An account that does not exist gets one too.

    `with_demo`: demonstration accounts, whose passwords are public, exist as well.
    """
    name = login.strip().casefold()[:60]
    counters = guard.subjects(keys, "password", name, address)
    user = repository.user_by_login(tx, name)
    if user is not None and (user.disabled_at is not None or (user.is_demo and not with_demo)):
        user = None
    wait_until = guard.count_try(tx, counters, now=now)
    if wait_until is not None:
        _note(tx, "access:login:blocked", user, now, result="wait")
    stored = passwords.nobody(cost) if user is None else user.password_hash
    return Attempt(name, user.id if user else None, stored, counters, wait_until)


def finish(tx: Tx, keys: KeyRing, attempt: Attempt, *, right: bool, now: datetime) -> str | None:
    """After the password was checked: a token that still needs the second factor, or None."""
    user = repository.user_by_id(tx, attempt.user_id, lock=True) if attempt.user_id else None
    good = right and attempt.wait_until is None and user is not None and user.disabled_at is None
    if user is None or not good or not same(user.password_hash, attempt.stored):
        if attempt.wait_until is None:
            _note(tx, "access:login:failed", user, now, result="password")
        return None
    guard.forgive(tx, attempt.subjects, now=now, known=False)
    repository.end_logins(tx, user.id, now, only_pending=True)
    return _new_login(tx, keys, user.id, second_factor=False, now=now)


def forgive_try(tx: Tx, attempt: Attempt, *, now: datetime) -> None:
    """After a password that somebody who is already in gave once more was right."""
    guard.forgive(tx, attempt.subjects, now=now, known=False)


def pass_factor(
    tx: Tx, keys: KeyRing, token: str, code: str, *, address: str, now: datetime
) -> Passed:
    """Checks a code for a half-way login; the first right one also sets up the second factor.

    The token changes, and every other login of the user ends: one session a user.
    """
    found = _live(tx, keys, token, now)
    if found is None or found[0].second_factor:
        return Passed(problem="over")
    user = repository.user_by_id(tx, found[1].id, lock=True)
    if user is None:
        return Passed(problem="over")
    counters = guard.subjects(keys, "code", user.login, address)
    if guard.count_try(tx, counters, now=now) is not None:
        _note(tx, "access:login:blocked", user, now, result="wait")
        return Passed(problem="wait")
    if not _use_code(tx, keys, user, code, now):
        _note(tx, "access:factor:failed", user, now, result="refused")
        return Passed(problem="wrong")
    # The address counts as the account's own under the same name for passwords and codes.
    guard.forgive(tx, counters, now=now, known=True)
    recovery = () if user.is_enrolled else _enrol(tx, keys, user, now)
    return Passed(token=open_login(tx, keys, user.id, now=now), recovery=recovery)


def open_login(tx: Tx, keys: KeyRing, user_id: str, *, now: datetime) -> str:
    """A full login, with all others ended. Only for a user who has proved both factors."""
    repository.end_logins(tx, user_id, now)
    token = _new_login(tx, keys, user_id, second_factor=True, now=now)
    _note(tx, "access:login:opened", repository.user_by_id(tx, user_id), now)
    return token


def look(tx: Tx, keys: KeyRing, token: str, *, now: datetime) -> SignedIn | None:
    """Who holds this token and how far in; None when it is unknown, ended or too old."""
    found = _live(tx, keys, token, now)
    if found is None:
        return None
    login, user = found
    if not login.second_factor:
        stage = Stage.CODE if user.is_enrolled else Stage.ENROL
    else:
        stage = Stage.CHANGE if user.must_change else Stage.IN
    return SignedIn(
        actor=user.actor(),
        stage=stage,
        login=user.login,
        token_hash=login.token_hash,
        used_at=login.used_at,
        is_demo=user.is_demo,
    )


def actor_for(tx: Tx, keys: KeyRing, token: str, *, now: datetime) -> Actor | None:
    """Who may act with this token: both factors given and nothing left to change."""
    signed_in = look(tx, keys, token, now=now)
    return signed_in.actor if signed_in is not None and signed_in.stage is Stage.IN else None


def touch(tx: Tx, token_hash: str, *, now: datetime) -> None:
    """Notes a use, so that the idle limit starts again."""
    repository.touch_login(tx, token_hash, now)


def sign_out(tx: Tx, keys: KeyRing, token: str, *, now: datetime) -> None:
    found = repository.login_and_user(tx, keys.token_hash(token))
    if found is not None and repository.end_login(tx, found[0].token_hash, now):
        _note(tx, "access:login:ended", found[1], now)


def end_all(tx: Tx, user_id: str, *, now: datetime, actor: Actor = SYSTEM) -> int:
    """Ends every login of a user at once; the count."""
    ended = repository.end_logins(tx, user_id, now)
    if ended:
        record(
            tx,
            tag="access:login:ended",
            actor=actor,
            object_kind="user",
            object_id=user_id,
            now=now,
        )
    return ended


def enrolment(tx: Tx, keys: KeyRing, token: str, *, now: datetime) -> tuple[str, str] | None:
    """Secret and `otpauth://` address to show while the second factor is being set up.

    Writes the secret when there is none yet. None once it was proved, or for a dead token.
    """
    found = _live(tx, keys, token, now)
    if found is None or found[1].is_enrolled:
        return None
    user = repository.user_by_id(tx, found[1].id, lock=True)
    if user is None:
        return None
    if user.totp_secret is None:
        secret = second_factor.new_secret()
        sealed = keys.seal_own(secret, _place(user.id))
        repository.change_user(tx, user.id, totp_secret=sealed, totp_last_step=None)
    else:
        secret = keys.unseal_own(user.totp_secret, _place(user.id))
    return secret, second_factor.address(secret, user.login)


def set_password(tx: Tx, user_id: str, *, new_hash: str, keep: str | None, now: datetime) -> None:
    """After the old one was checked. Ends every login but `keep` (a token hash)."""
    repository.change_user(tx, user_id, password_hash=new_hash, must_change=False)
    repository.end_logins(tx, user_id, now, but=keep)
    _note(tx, "access:password:changed", repository.user_by_id(tx, user_id), now)


def password_hash(tx: Tx, user_id: str) -> str | None:
    """The stored hash, for asking the old password before a new one."""
    user = repository.user_by_id(tx, user_id)
    return None if user is None else user.password_hash


def new_recovery(tx: Tx, keys: KeyRing, user_id: str, *, now: datetime) -> tuple[str, ...]:
    """Fresh recovery codes, shown once; the old ones stop working."""
    codes = second_factor.new_recovery_codes()
    hashes = [second_factor.recovery_hash(keys, user_id, code) for code in codes]
    repository.change_user(tx, user_id, recovery=hashes)
    _note(tx, "access:codes:made", repository.user_by_id(tx, user_id), now)
    return codes


def forget_old(tx: Tx, *, now: datetime) -> int:
    """Deletes logins and counters nobody needs any more; the count."""
    return repository.forget_logins(tx, now - timedelta(days=35))


# ------------------------------------------------------------------ inside


def _live(tx: Tx, keys: KeyRing, token: str, now: datetime) -> tuple[Login, User] | None:
    if not token or len(token) > 100:  # noqa: PLR2004 - ours are 43 characters
        return None
    found = repository.login_and_user(tx, keys.token_hash(token))
    if found is None:
        return None
    login, user = found
    if login.ended_at is not None or user.disabled_at is not None:
        return None
    if not login.second_factor and now - login.created_at > HALF_WAY:
        return None
    if now - login.used_at > IDLE + TOUCH_EVERY or now - login.created_at > LONGEST:
        return None
    return found


def _new_login(tx: Tx, keys: KeyRing, user_id: str, *, second_factor: bool, now: datetime) -> str:
    token = new_token()
    repository.add_login(tx, Login(keys.token_hash(token), user_id, second_factor, now, now, None))
    return token


def _use_code(tx: Tx, keys: KeyRing, user: User, code: str, now: datetime) -> bool:
    if user.totp_secret is None:
        return False
    secret = keys.unseal_own(user.totp_secret, _place(user.id))
    step = second_factor.matching_step(secret, code, now=now, last_step=user.totp_last_step)
    if step is not None:
        repository.change_user(tx, user.id, totp_last_step=step)
        return True
    given = second_factor.recovery_hash(keys, user.id, code)
    left = [stored for stored in user.recovery if not same(stored, given)]
    if len(left) == len(user.recovery):
        return False
    repository.change_user(tx, user.id, recovery=left)
    _note(tx, "access:factor:recovered", user, now)
    return True


def _enrol(tx: Tx, keys: KeyRing, user: User, now: datetime) -> tuple[str, ...]:
    _note(tx, "access:factor:enrolled", user, now)
    return new_recovery(tx, keys, user.id, now=now)


def _place(user_id: str) -> Place:
    return Place("users", "totp_secret", user_id)


def _note(tx: Tx, tag: str, user: User | None, now: datetime, *, result: str = "ok") -> None:
    """One audit row; an account that does not exist leaves no name behind."""
    record(
        tx,
        tag=tag,
        actor=user.actor() if user else SYSTEM,
        object_kind="user",
        object_id=user.id if user else "unknown",
        now=now,
        result=result,
    )
