"""Keeps the libraries of the providers out of the log.

At INFO httpx writes addresses, and a Telegram address holds the bot's token; at DEBUG the clients
write telephone numbers and the words of messages; python-telegram-bot writes a broken answer of the
server whole. None of that may depend on how somebody set up logging.
"""

import logging

_TALKATIVE = ("httpx", "httpcore", "telegram", "twilio", "twilio.http_client", "urllib3", "hpack")


def quiet_libraries() -> None:
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
