"""The dialogue that every contestant plays: five turns, one typed and four pressed.

Language, "is it safe to write", what she wants, and the first two questions of the job-offer check.
Each turn arrives as the JSON body that Telegram would post.
"""

import json

GREETINGS = ("Салам", "Здравствуйте", "Салом")
PRESSED = ("start.safe=y", "menu.top=offer", "safety.A2=none", "safety.A3=adult")
TURNS = 1 + len(PRESSED)


class Updates:
    """Numbers updates as Telegram does; one of these a contestant."""

    def __init__(self) -> None:
        self._last = 0

    def dialogue(self, person: int) -> list[bytes]:
        """The five bodies of one person's dialogue, in order."""
        own = {"id": person, "is_bot": False, "first_name": "x", "language_code": "ky"}
        chat = {"id": person, "type": "private", "first_name": "x"}
        typed = {
            "message_id": 1, "date": 1_790_000_000, "chat": chat, "from": own,
            "text": GREETINGS[person % len(GREETINGS)],
        }  # fmt: skip
        shown = {"message_id": 2, "date": 1_790_000_000, "chat": chat, "text": "?"}
        pressed = [
            {"id": f"{person}-{n}", "from": own, "chat_instance": "1", "data": data,
             "message": shown}
            for n, data in enumerate(PRESSED)
        ]  # fmt: skip
        bodies: list[dict[str, object]] = [{"message": typed}]
        bodies += [{"callback_query": one} for one in pressed]
        return [self._body(body) for body in bodies]

    def _body(self, body: dict[str, object]) -> bytes:
        self._last += 1
        return json.dumps({"update_id": self._last, **body}, ensure_ascii=False).encode()
