"""SMS through Twilio: its client and its request validator, nothing else of it."""

from hotline.channels.twilio_sms.channel import TwilioSms
from hotline.channels.twilio_sms.codes import Fault, fault
from hotline.channels.twilio_sms.log import body_hash
from hotline.channels.twilio_sms.numbers import e164
from hotline.channels.twilio_sms.state import SmsState

__all__ = ["Fault", "SmsState", "TwilioSms", "body_hash", "e164", "fault"]
