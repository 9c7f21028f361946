"""What may be done with a referral: the conversation's and the console's door to this package."""

from hotline.referrals.service.consent import (
    ConsentQuestion,
    Recipient,
    confirm,
    consent_answered,
    consent_question,
    conversation_of,
    recipients,
    withdraw_consent,
)
from hotline.referrals.service.desk import (
    ReferralDetail,
    ReferralLine,
    detail,
    listed,
    of_case,
    read,
    recall,
)
from hotline.referrals.service.directory import (
    import_directory,
    listing,
    seed_demo_partners,
    verify,
    verify_service,
)
from hotline.referrals.service.drafting import DraftForm, candidates, draft, draft_form
from hotline.referrals.service.lapse import lapse

__all__ = [
    "ConsentQuestion",
    "DraftForm",
    "Recipient",
    "ReferralDetail",
    "ReferralLine",
    "candidates",
    "confirm",
    "consent_answered",
    "consent_question",
    "conversation_of",
    "detail",
    "draft",
    "draft_form",
    "import_directory",
    "lapse",
    "listed",
    "listing",
    "of_case",
    "read",
    "recall",
    "recipients",
    "seed_demo_partners",
    "verify",
    "verify_service",
    "withdraw_consent",
]
