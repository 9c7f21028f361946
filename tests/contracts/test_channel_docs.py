"""What the page about channels says can be checked, so it is."""

from pathlib import Path

from hotline.channels.telegram.errors import BAD_REQUEST, FORBIDDEN
from hotline.channels.twilio_sms.codes import FAULTS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "channels.md").read_text()


def test_every_code_of_twilio_is_explained_as_it_is_treated():
    for code, fault in FAULTS.items():
        assert f"| {code} | {fault.reason} | `{fault.kind.__name__}` |" in PAGE


def test_every_code_of_telegram_is_explained():
    for _, kind, code in (*FORBIDDEN, *BAD_REQUEST):
        [row] = [row for row in PAGE.splitlines() if row.startswith("|") and f"`{code}`" in row]
        assert kind.__name__ in row
