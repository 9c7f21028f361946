"""Words for codes: nobody is shown a raw code. Each table is made in the reader's language."""

from collections.abc import Callable, Mapping
from typing import Final

from markupsafe import Markup

T = Callable[..., Markup]
Table = Mapping[str, Markup]

CLASSES: Final = ("P0", "P1", "P2", "P3")


def classes(t: T) -> Table:
    return {
        "P0": t("console.class.P0", "Danger now"),
        "P1": t("console.class.P1", "Serious signs"),
        "P2": t("console.class.P2", "Wants to talk"),
        "P3": t("console.class.P3", "Can wait"),
    }


def targets(t: T) -> Table:
    """What is promised to a person of each class (operations.md 2.2)."""
    return {
        "P0": t("console.target.P0", "an answer within 5 minutes"),
        "P1": t("console.target.P1", "an answer within 5 minutes"),
        "P2": t("console.target.P2", "an answer within 30 minutes"),
        "P3": t("console.target.P3", "an answer within a day"),
    }


def levels(t: T) -> Table:
    return {
        "IMMEDIATE": t("console.level.IMMEDIATE", "Immediate danger"),
        "HIGH": t("console.level.HIGH", "High"),
        "MEDIUM": t("console.level.MEDIUM", "Medium"),
        "LOW": t("console.level.LOW", "Low"),
        "NONE": t("console.level.NONE", "No signs"),
        "UNCLEAR": t("console.level.UNCLEAR", "Unclear"),
    }


LEVEL_COLOUR: Final = {
    "IMMEDIATE": "red",
    "HIGH": "amber",
    "MEDIUM": "blue",
    "LOW": "",
    "NONE": "green",
    "UNCLEAR": "",
}


def channels(t: T) -> Table:
    return {
        "telegram": t("console.channel.telegram", "Telegram"),
        "sms": t("console.channel.sms", "SMS"),
    }


def reasons(t: T) -> Table:
    """Why a person is promised (codes of `cases.rules.REASON_CODES`)."""
    return {
        "asked": t("console.reason.asked", "asked for a person"),
        "screening": t("console.reason.screening", "signs in the answers"),
        "danger": t("console.reason.danger", "named a danger"),
        "unsure": t("console.reason.unsure", "the bot did not understand"),
        "keyword": t("console.reason.keyword", "a word that calls for a person"),
        "safe_word": t("console.reason.safe_word", "used the safe word"),
        "rather_tell": t("console.reason.rather_tell", "would rather tell a person"),
        "resumed": t("console.reason.resumed", "came back"),
        "minor": t("console.reason.minor", "under 18"),
        "raised": t("console.reason.raised", "class raised by a counsellor"),
        "lowered": t("console.reason.lowered", "class lowered by a counsellor"),
        "callback": t("console.reason.callback", "the agreed time has come"),
    }


def closings(t: T) -> Table:
    return {
        "advice_given": t("console.close.advice_given", "Advice was given"),
        "referred": t("console.close.referred", "Passed on to an organisation"),
        "helped_elsewhere": t("console.close.helped_elsewhere", "Gets help elsewhere"),
        "caller_declined": t("console.close.caller_declined", "The person wants no more"),
        "no_contact": t("console.close.no_contact", "No contact any more"),
        "not_for_us": t("console.close.not_for_us", "Not a matter for this line"),
        "test_or_spam": t("console.close.test_or_spam", "A test or an advertisement"),
        "other": t("console.close.other", "Something else"),
    }


def anonymity(t: T) -> Table:
    return {
        "share": t("console.anonymity.share", "May be passed on, as agreed one by one"),
        "line_only": t("console.anonymity.line_only", "Known to this line only"),
        "anonymous": t("console.anonymity.anonymous", "Wants to stay anonymous"),
    }


def fates(t: T) -> Mapping[str, tuple[Markup, str]]:
    """State of a line's sending -> words and colour."""
    on_its_way = t("console.fate.sending", "on its way")
    return {
        "new": (on_its_way, ""),
        "sending": (on_its_way, ""),
        "sent": (t("console.fate.sent", "sent"), ""),
        "delivered": (t("console.fate.delivered", "delivered"), "green"),
        "failed": (t("console.fate.failed", "not delivered"), "red"),
        "held": (t("console.fate.held", "held back until it is safe to write"), "amber"),
        "withdrawn": (t("console.fate.withdrawn", "withdrawn, not sent"), "amber"),
    }


def kinds(t: T) -> Table:
    """What a message is, where it has no words."""
    return {
        "start": t("console.kind.start", "Opened the conversation"),
        "location": t("console.kind.location", "Shared a place"),
        "contact": t("console.kind.contact", "Shared a contact card"),
        "photo": t("console.kind.photo", "Photo"),
        "voice": t("console.kind.voice", "Voice message"),
        "file": t("console.kind.file", "File"),
        "other": t("console.kind.other", "Something that cannot be shown, such as a sticker"),
    }


def files(t: T) -> Table:
    """State of an attachment."""
    return {
        "wanted": t("console.file.wanted", "is being fetched"),
        "kept": t("console.file.kept", "open"),
        "too_big": t("console.file.too_big", "too large, not kept"),
        "refused": t("console.file.refused", "of a kind that is not kept"),
        "failed": t("console.file.failed", "could not be fetched"),
    }


def tasks(t: T) -> Table:
    return {
        "read_failed": t("console.task.read_failed", "A message could not be read by the bot"),
        "undelivered": t("console.task.undelivered", "A line could not be delivered"),
        "promise_broken": t("console.task.promise_broken", "Somebody waited longer than promised"),
        "silent_alarm": t("console.task.silent_alarm", "Silent alarm: nothing may be written"),
        "review_referral": t("console.task.review_referral", "Asked for silence: look at what was passed on"),  # noqa: E501
        "media_failed": t("console.task.media_failed", "A file could not be fetched"),
        "consent_unanswered": t("console.task.consent_unanswered", "A question about passing on has no answer"),  # noqa: E501
        "escalated": t("console.task.escalated", "A request to an organisation is late"),
        "verify": t("console.task.verify", "An entry of the directory must be checked"),
        "fact_expired": t("console.task.fact_expired", "A fact that people are told is too old"),
        "safeguarding": t("console.task.safeguarding", "Protection: look at this at once"),
        "delete_asked": t("console.task.delete_asked", "A person asked to have everything deleted"),
    }  # fmt: skip


def looks(t: T) -> Table:
    """Why a supervisor reads a conversation that is not hers."""
    return {
        "support": t("console.look.support", "To support the operator"),
        "alarm": t("console.look.alarm", "An alarm or a broken promise"),
        "complaint": t("console.look.complaint", "A complaint"),
        "safety": t("console.look.safety", "Somebody's safety"),
        "quality": t("console.look.quality", "Quality review"),
    }


def recruiters(t: T) -> Table:
    return {
        "agency": t("console.recruiter.agency", "an agency"),
        "state": t("console.recruiter.state", "a state programme"),
        "friend": t("console.recruiter.friend", "a friend or acquaintance"),
        "relative": t("console.recruiter.relative", "a relative"),
        "partner": t("console.recruiter.partner", "a husband, wife or partner"),
        "online": t("console.recruiter.online", "somebody on the internet"),
        "employer": t("console.recruiter.employer", "the employer directly"),
        "nobody": t("console.recruiter.nobody", "nobody: found it alone"),
    }


def ages(t: T) -> Table:
    return {
        "minor": t("console.age.minor", "under 18"),
        "adult": t("console.age.adult", "18 or older"),
    }


def languages(t: T) -> Table:
    return {
        "ky": t("console.language.ky", "Kyrgyz"),
        "ru": t("console.language.ru", "Russian"),
        "tg": t("console.language.tg", "Tajik"),
        "en": t("console.language.en", "English"),
    }


def stages(t: T) -> Table:
    return {
        "B": t("console.stage.B", "before leaving: a job offer"),
        "C": t("console.stage.C", "at work abroad, or back from it"),
    }


def roles(t: T) -> Table:
    return {
        "OP": t("console.role.OP", "Operator"),
        "SO": t("console.role.SO", "Supervisor"),
        "CO": t("console.role.CO", "Coordinator"),
        "NG": t("console.role.NG", "Organisation"),
        "CE": t("console.role.CE", "Editor"),
        "AU": t("console.role.AU", "Auditor"),
        "AD": t("console.role.AD", "Administrator"),
    }


def sending(t: T) -> Table:
    """States of lines that are not out yet, for the wallboard."""
    return {
        "new": t("console.sending.new", "waiting to be sent"),
        "sending": t("console.sending.sending", "being sent now"),
        "held": t("console.sending.held", "held until it is safe to write"),
        "failed": t("console.sending.failed", "not delivered"),
    }


def htcds(t: T) -> Table:
    """Names of the standard's fields, as counsellors know them."""
    return {
        "cas_Status": t("console.htcds.cas_Status", "Status of the case"),
        "vic_TraffickingStatus": t("console.htcds.vic_TraffickingStatus", "Assessment of the situation"),  # noqa: E501
        "vic_MethodsOfControl": t("console.htcds.vic_MethodsOfControl", "Means of control"),
        "vic_TypeOfExploitation": t("console.htcds.vic_TypeOfExploitation", "Kind of exploitation"),
        "vic_MethodOfRecruitment": t("console.htcds.vic_MethodOfRecruitment", "How the person was recruited"),  # noqa: E501
    }  # fmt: skip


def htcds_values(t: T) -> Table:
    """The standard's values in words; the standard's own name stands beside them."""
    return {
        "Active": t("console.htcds.Active", "open"),
        "PossibleVictimOfTrafficking": t("console.htcds.PossibleVictimOfTrafficking", "possibly affected by trafficking"),  # noqa: E501
        "PhysicalThreats": t("console.htcds.PhysicalThreats", "threats of violence"),
        "ThreatsLawEnforcement": t("console.htcds.ThreatsLawEnforcement", "threats with the police or authorities"),  # noqa: E501
        "ThreatensChildrenFamily": t("console.htcds.ThreatensChildrenFamily", "threats to children or family"),  # noqa: E501
        "DebtBondage": t("console.htcds.DebtBondage", "debt"),
        "FalsePromises": t("console.htcds.FalsePromises", "false promises"),
        "PhysicalAbuse": t("console.htcds.PhysicalAbuse", "physical violence"),
        "SexualAbuse": t("console.htcds.SexualAbuse", "sexual violence"),
        "TakesEarnings": t("console.htcds.TakesEarnings", "earnings taken away"),
        "RestrictsFinancialAccess": t("console.htcds.RestrictsFinancialAccess", "no access to money"),  # noqa: E501
        "RestrictsMedicalCare": t("console.htcds.RestrictsMedicalCare", "no access to a doctor"),
        "WithholdsNecessities": t("console.htcds.WithholdsNecessities", "necessities withheld"),
        "PsychologicalAbuse": t("console.htcds.PsychologicalAbuse", "psychological pressure"),
        "PsychoactiveSubstance": t("console.htcds.PsychoactiveSubstance", "drugs or alcohol"),
        "ExcessiveWorkingHours": t("console.htcds.ExcessiveWorkingHours", "excessive working hours"),  # noqa: E501
        "WithholdsDocuments": t("console.htcds.WithholdsDocuments", "documents withheld"),
        "RestrictsMovement": t("console.htcds.RestrictsMovement", "movement restricted (local addition)"),  # noqa: E501
        "ForcedLabour": t("console.htcds.ForcedLabour", "forced labour"),
        "SexualExploitation": t("console.htcds.SexualExploitation", "sexual exploitation"),
        "ChildLabour": t("console.htcds.ChildLabour", "child labour"),
        "ForcedMarriage": t("console.htcds.ForcedMarriage", "forced marriage"),
        "ForcedMilitaryByNonStateActors": t("console.htcds.ForcedMilitaryByNonStateActors", "forced fighting"),  # noqa: E501
        "ForcedBegging": t("console.htcds.ForcedBegging", "forced begging"),
        "AtAPlaceOfBusiness": t("console.htcds.AtAPlaceOfBusiness", "at a place of business"),
        "ThroughOnlineSocialNetworks": t("console.htcds.ThroughOnlineSocialNetworks", "through social networks"),  # noqa: E501
        "ThroughAnOnlineAdvertisement": t("console.htcds.ThroughAnOnlineAdvertisement", "through an online advertisement"),  # noqa: E501
        "ThroughFamilyOrFamilyEvents": t("console.htcds.ThroughFamilyOrFamilyEvents", "through family"),  # noqa: E501
        "ThroughFriendsOrSocialEvents": t("console.htcds.ThroughFriendsOrSocialEvents", "through friends"),  # noqa: E501
        "Other": t("console.htcds.Other", "other"),
    }  # fmt: skip
