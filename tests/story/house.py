"""A hotline as it is set up for real people: keys, database, staff and partners by the commands."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from hotline.bootstrap import content as contents
from hotline.bootstrap.content import Content
from hotline.referrals import service as referrals
from tests.standins.telegram import TelegramStandin
from tests.standins.twilio import TwilioStandin
from tests.story.visitor import Visitor
from tests.support.ledger import Ledger
from tests.support.serving import Served, connect

PASSWORD = "seven quiet rivers under snow"

PARTNERS = {
    "partners": [
        {
            "code": code,
            "name": {"ky": f"«{ky}»", "ru": f"«{ru}»", "tg": f"«{tg}»", "en": code},
            "org_type": "NGO",
            "has_account": True,
            "services": [
                {"kind": "legal", "oblast": "bishkek", "languages": ["ky", "ru", "tg"],
                 "verified": datetime.now(UTC).date().isoformat()}
            ],
        }
        for code, ky, ru, tg in (("adilet", "Адилет", "Справедливость", "Адолат"),
                                 ("tayanch", "Таяныч", "Опора", "Такягоҳ"))
    ]
}  # fmt: skip
"""Two organisations that give the same help: what one is told, the other must never see."""


@lru_cache(maxsize=1)
def shipped() -> Content:
    """Words as a server in earnest says them."""
    return contents.load(contents.ROOT / "flows", contents.ROOT / "locales")


@dataclass
class House:
    """The running hotline, its two providers, and the books for looking inside."""

    served: Served
    telegram: TelegramStandin
    twilio: TwilioStandin
    ledger: Ledger

    @classmethod
    def build(
        cls, folder: Path, url: str, telegram: TelegramStandin, twilio: TwilioStandin
    ) -> "House":
        served = Served(folder, url)
        served.extra["HOTLINE_POLL_SECONDS"] = "0.2"
        connect(served, telegram, twilio)
        house = cls(served, telegram, twilio, Ledger(url, served.keys, shipped()))
        now = datetime.now(UTC)
        house.ledger.store.write(lambda tx: referrals.import_directory(tx, PARTNERS, now=now))
        served.start()
        return house

    def close(self) -> None:
        self.ledger.close()
        self.served.stop()

    def visitor(self) -> Visitor:
        return Visitor(self.served.address)

    def hire(self, login: str, role: str, alias: str, **options: str) -> str:
        """Adds somebody by the command line; the first password that it prints."""
        more = [word for name, value in options.items() for word in (f"--{name}", value)]
        done = self.served.run("users", "add", login, "--role", role, "--alias", alias, *more)
        found = re.search(r"first password (\S+)", done.stdout)
        assert found, done.stderr
        return found[1]

    def partner_id(self, code: str) -> str:
        return str(self.ledger.all("select id from partners where code = :c", c=code)[0][0])

    async def enter(self, login: str, role: str, alias: str, **options: str) -> Visitor:
        """A new member of staff who has signed in for the first time."""
        visitor = self.visitor()
        await visitor.first_sign_in(login, self.hire(login, role, alias, **options), PASSWORD)
        return visitor
