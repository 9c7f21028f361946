"""How the account and our number stand, for `doctor`."""

from dataclasses import dataclass

from twilio.rest import Client


@dataclass(frozen=True, slots=True)
class SmsState:
    """What Twilio says about the account and, where the sender is a number, about the number.

    `webhook_url` and `fallback_url` are None where the sender is a messaging service: Twilio keeps
    them there, out of reach of this interface.
    """

    account_status: str  # active | suspended | closed
    is_trial: bool  # sends to verified numbers only
    number_found: bool | None
    webhook_url: str | None
    fallback_url: str | None


def read_state(client: Client, account_sid: str, sender: str) -> SmsState:
    """Blocking."""
    account = client.api.v2010.accounts(account_sid).fetch()
    status, is_trial = str(account.status), str(account.type).lower() == "trial"
    if not sender.startswith("+"):
        return SmsState(status, is_trial, None, None, None)
    numbers = client.incoming_phone_numbers.list(phone_number=sender, limit=1)
    if not numbers:
        return SmsState(status, is_trial, number_found=False, webhook_url=None, fallback_url=None)
    ours = numbers[0]
    return SmsState(status, is_trial, True, ours.sms_url or "", ours.sms_fallback_url or "")
