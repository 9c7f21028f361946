"""Telegram through python-telegram-bot: its types and its client, none of its framework."""

from hotline.channels.telegram.channel import TelegramChannel
from hotline.channels.telegram.setup import BotState, TelegramSetup

__all__ = ["BotState", "TelegramChannel", "TelegramSetup"]
