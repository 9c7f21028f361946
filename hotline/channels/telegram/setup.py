"""Telling Telegram where we are and what we offer; asking it how things stand, for `doctor`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from telegram import BotCommand

from hotline.channels.cleaning import clean
from hotline.channels.telegram.connection import Connection
from hotline.channels.telegram.parse import ALLOWED_UPDATES

_MOST_CONNECTIONS = 40


@dataclass(frozen=True, slots=True)
class BotState:
    """What Telegram says about the bot. `webhook_error` is the last failed delivery's reason."""

    username: str
    may_join_groups: bool  # should be off in @BotFather: the bot works in private chats only
    webhook_url: str
    allowed_updates: tuple[str, ...]  # kinds of update that Telegram will send
    waiting: int  # updates that Telegram holds for us
    webhook_error: str | None


class TelegramSetup:
    """Calls that are made once, by an administrator. All raise a `SendError`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def set_webhook(
        self, url: str, secret: str, *, max_connections: int = _MOST_CONNECTIONS
    ) -> None:
        """`url` is the public https address of `POST /hooks/telegram`; waiting updates are kept."""
        await self._connection.call(
            self._connection.bot.set_webhook(
                url,
                secret_token=secret,
                allowed_updates=ALLOWED_UPDATES,
                max_connections=max_connections,
                drop_pending_updates=False,
            )
        )

    async def delete_webhook(self) -> None:
        """Needed before long polling; waiting updates are kept."""
        await self._connection.call(self._connection.bot.delete_webhook(drop_pending_updates=False))

    async def set_commands(self, commands: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        """The menu of commands per language: code -> (command, description); "" is the default.

        Telegram shows the menu of the phone's own language, and the default to everybody else.
        """
        for language, entries in commands.items():
            await self._connection.call(
                self._connection.bot.set_my_commands(
                    [BotCommand(name, described) for name, described in entries],
                    language_code=language or None,
                )
            )

    async def state(self) -> BotState:
        me = await self._connection.call(self._connection.bot.get_me())
        hook = await self._connection.call(self._connection.bot.get_webhook_info())
        reason = hook.last_error_message
        return BotState(
            username=me.username or "",
            may_join_groups=bool(me.can_join_groups),
            webhook_url=hook.url,
            allowed_updates=tuple(hook.allowed_updates or ()),
            waiting=hook.pending_update_count,
            webhook_error=clean(reason, 200) if reason else None,
        )
