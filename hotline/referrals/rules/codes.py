"""Closed lists: services, priorities, reasons (operations.md 3.5, 4.1, 5.1)."""

from typing import Final

SERVICES: Final = (
    "shelter",
    "legal",
    "health",
    "psychosocial",
    "repatriation",
    "social",
    "labour",
)
"""What partners are asked for. The police are no service here: they need a consent of their own."""

PRIORITIES: Final = ("emergency", "urgent", "normal")

AGE_BANDS: Final = ("child", "18_24", "25_plus", "unknown")
SEXES: Final = ("female", "male", "unknown")
SAFETY: Final = ("danger_now", "at_risk", "no_known_danger")
LANGUAGES: Final = ("ky", "ru", "tg", "en")

OBLASTS: Final = (
    "bishkek",
    "osh_city",
    "chuy",
    "issyk_kul",
    "naryn",
    "talas",
    "jalal_abad",
    "osh",
    "batken",
    "abroad",
)

DECLINE: Final = (
    "no_place",
    "not_eligible",
    "language",
    "distance",
    "closed",
    "safety_or_conflict",
    "other",
)

RECALL: Final = (
    "wrong_partner",
    "need_changed",
    "safety",
    "deadline_missed",
    "duplicate",
    "other",
)

OUTCOME: Final = (
    "served_full",
    "served_partly",
    "not_reached",
    "survivor_declined",
    "not_eligible_on_assessment",
    "service_unavailable",
    "moved",
    "stopped_unsafe",
)

WITHOUT_CONTACT: Final = ("not_reached", "survivor_declined")
"""The only outcomes that complete a referral before contact was made."""

CONFIRM: Final = ("yes", "partly", "no", "unsafe")

PRIORITY_OF_CLASS: Final = {"P0": "emergency", "P1": "urgent", "P2": "normal", "P3": "normal"}
SAFETY_OF_CLASS: Final = {"P0": "danger_now", "P1": "at_risk"}
