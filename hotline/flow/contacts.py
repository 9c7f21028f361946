"""Which telephone numbers may be shown, and when. No number stands in any text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

OUR_LINE = "kg_stop_traffic_189"
"""Our own short number: the one number that may always be named."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One line of the register. `tested_on` is the day of the last test call that was answered."""

    id: str
    name: str
    number: str | None
    country: str | None
    status: str
    tested_on: str | None = None


@dataclass(frozen=True, slots=True)
class Contacts:
    """The register. `demonstration`: numbers nobody has test-called are shown too, as examples."""

    rows: Mapping[str, Contact]
    demonstration: bool = False

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]], *, demonstration: bool = False) -> "Contacts":
        """From the rows of `flows/contacts.yaml`."""
        made = {}
        for row in rows:
            number = row.get("number")
            tested = row.get("tested_on")
            made[str(row["id"])] = Contact(
                id=str(row["id"]),
                name=str(row.get("name", "")),
                number=str(number) if number else None,
                country=row.get("country"),
                status=str(row.get("status", "to_be_confirmed")),
                tested_on=str(tested) if tested else None,
            )
        return cls(made, demonstration)

    def number(self, contact: str) -> str | None:
        """The number, where it may be shown: our own always, any other one only after a test call
        (or in the demonstration), and never one that is known to be old."""
        if contact == OUR_LINE:
            return "189"
        row = self.rows.get(contact)
        if row is None or row.number is None or row.status == "old":
            return None
        return row.number if row.tested_on or self.demonstration else None
