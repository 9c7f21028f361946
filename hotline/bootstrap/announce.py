"""Telling Telegram at the start where we are and which commands there are.

A call that fails is a warning: the server runs, what was set before still holds, and `doctor` says
what is not as it should be.
"""

from collections.abc import Mapping, Sequence

from hotline.channels.base import SendError
from hotline.channels.telegram import TelegramChannel, TelegramSetup
from hotline.config import Settings
from hotline.core.languages import LANGUAGES
from hotline.i18n.words import Words
from hotline.logs import event

COMMANDS = ("start", "menu", "language", "human", "hide", "stop", "data", "delete")
"""What the bot's own menu offers. The words are neutral: the menu is open to whoever holds the
phone. Each of them is understood as typed text too."""

_DEFAULT = "ru"


def webhook_address(settings: Settings, channel: str) -> str:
    """The public address to which a provider delivers."""
    return f"{settings.public_url.rstrip('/')}/hooks/{channel}"


def menu(words: Words) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Language -> commands with their descriptions; "" is what everybody else sees."""
    by_language = {
        language: [(name, words.text(f"command.{name}", language)) for name in COMMANDS]
        for language in LANGUAGES
    }
    return {"": by_language[_DEFAULT], **by_language}


async def announce(
    settings: Settings, telegram: TelegramChannel, words: Words, *, polling: bool
) -> None:
    """Sets the webhook (or takes it away for long polling), and the menu. Never raises."""
    setup = TelegramSetup(telegram.connection)
    try:
        if polling:
            await setup.delete_webhook()
        elif settings.public_url.startswith("https://"):
            await setup.set_webhook(webhook_address(settings, "telegram"), settings.telegram_secret)
        await setup.set_commands(menu(words))
    except SendError as error:
        event("telegram.not_told", level="warning", code=error.code, error=type(error).__name__)
    else:
        event("telegram.told", polling=polling)
