"""Who does something. Made by `accounts` from a login, or one of the fixed ones below."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Actor:
    """`kind`: user | person | system. `role`: OP SO CO NG CE AU AD (operations.md 8.1)."""

    kind: str
    id: str
    role: str | None = None
    site_id: str | None = None
    partner_id: str | None = None
    alias: str = ""
    language: str = "ru"
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    capacity: int = field(default=3)

    @property
    def name(self) -> str:
        """What the audit shows: ids and roles only."""
        return self.id if self.kind == "user" else self.kind


SYSTEM = Actor("system", "system")
PERSON = Actor("person", "person")
