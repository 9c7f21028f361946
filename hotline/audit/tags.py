"""The closed list of what is audited, `source:subject:action`, each with its one-line meaning.

Reads count as much as writes (operations.md 8.5). A tag that is not here cannot be recorded, so a
typing mistake fails in a test and not in front of the auditor.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_READS = {
    "case:conversation:opened": "Somebody read a conversation.",
    "case:conversation:watched": "A supervisor looked at a live conversation.",
    "case:record:opened": "Somebody read the record of a case.",
    "case:record:listed": "Somebody saw a list of cases.",
    "case:closed:opened": "Somebody read a closed case, with a reason.",
    "case:contact:searched": "Somebody looked for a returning caller by exact value.",
    "case:contact:unmasked": "Somebody saw an address or a name in clear.",
    "case:file:opened": "Somebody opened a photo, voice note or file.",
    "case:export:made": "A de-identified export was made.",
    "case:held:listed": "Somebody asked, or was told, who holds which data.",
    "partner:offer:listed": "A partner saw its list of offers.",
    "partner:preview:opened": "A partner saw the anonymous preview of an offer.",
    "partner:packet:opened": "A partner read what was shared after consent.",
    "access:audit:read": "Somebody read the audit log.",
}

_CONVERSATION = {
    "bot:conversation:opened": "A person wrote for the first time.",
    "bot:conversation:state": "The conversation moved to another state.",
    "bot:screening:assessed": "The rules gave a level.",
    "bot:case:opened": "A case was opened.",
    "bot:case:classed": "The class of a case changed by the rules.",
    "bot:turn:failed": "A message could not be handled; a person was asked to read it.",
    "person:conversation:stopped": "The person asked for no more messages.",
    "person:conversation:hidden": "The person left in a hurry.",
    "person:conversation:started": "The person asked to go on after a stop.",
    "person:conversation:blocked": "The person blocked the sender.",
    "person:data:asked": "The person asked who has her data.",
    "person:data:delete_asked": "The person asked to have her data deleted.",
    "queue:lease:taken": "An operator took the next conversation.",
    "queue:lease:renewed": "An operator's lease went on.",
    "queue:lease:lost": "A lease ran out; the conversation waits again.",
    "queue:lease:returned": "An operator gave the conversation back.",
    "queue:lease:moved": "A conversation was handed to another operator.",
    "queue:promise:broken": "A person waited longer than promised.",
    "queue:alarm:raised": "A waiting person was announced to more people.",
    "case:reply:queued": "An operator's reply was put in the outbox.",
    "case:reply:withheld": "The safe-contact gate held or refused a line.",
    "case:callback:set": "A callback was agreed.",
    "case:callback:done": "A callback was made or given up.",
    "case:note:added": "An internal note was written.",
    "case:class:raised": "An operator raised the class.",
    "case:class:lowered": "An operator lowered the class, with a reason.",
    "case:level:judged": "A counsellor gave a level of her own.",
    "case:level:overridden": "A counsellor set another level than the rules, with a reason.",
    "case:facts:changed": "Coded facts of a case changed.",
    "case:status:changed": "The status of a case changed.",
    "case:record:closed": "A case was closed.",
    "case:record:reopened": "A closed case was opened again.",
    "case:profile:changed": "How and when a person may be written to changed.",
    "case:hold:set": "A legal hold was set.",
    "case:hold:released": "A legal hold was released by two people.",
    "case:identity:merge_proposed": "Somebody proposed that two contacts are one person.",
    "case:identity:merged": "Two contacts were joined by two people.",
    "case:identity:split": "A join of two contacts was undone.",
    "case:file:deleted": "A file was deleted.",
    "case:data:deleted": "Content was made unreadable for ever.",
    "case:task:done": "A task of the duty list was done.",
}

_REFERRAL = {
    "case:consent:asked": "A person was asked to agree to a recipient.",
    "case:consent:given": "A person agreed to a recipient and a group of facts.",
    "case:consent:refused": "A person did not agree.",
    "case:consent:withdrawn": "A person took consent back.",
    "case:consent:expired": "A consent ended by its date.",
    "case:override:proposed": "Disclosure without consent was proposed, to save a life.",
    "case:override:approved": "A second person approved it.",
    "case:override:refused": "A second person refused it.",
    "case:override:reviewed": "A coordinator reviewed it.",
    "case:referral:drafted": "A referral was drafted.",
    "case:referral:offered": "A referral was offered to a partner.",
    "case:referral:recalled": "A referral was called back.",
    "case:referral:lapsed": "A deadline of a referral ran out.",
    "case:referral:escalated": "A referral was put before a coordinator.",
    "case:referral:state": "A referral moved to another state.",
    "case:referral:closed": "A referral ended.",
    "partner:referral:accepted": "A partner accepted on the preview.",
    "partner:referral:declined": "A partner declined, with a reason.",
    "partner:referral:queried": "A partner asked for something before deciding.",
    "partner:contact:attempted": "A partner reported an attempt to make contact.",
    "partner:contact:made": "A partner reported that contact was made.",
    "partner:service:started": "A partner reported that help began.",
    "partner:outcome:reported": "A partner reported an outcome.",
    "partner:packet:revoked": "A partner may no longer read what was shared.",
    "partner:capacity:changed": "A partner changed its free places.",
    "person:referral:confirmed": "The person told whether help arrived.",
    "content:directory:changed": "An entry of the services directory changed.",
    "content:directory:verified": "An entry of the services directory was verified.",
}

_CONTENT = {
    "content:text:drafted": "Somebody wrote or changed a text.",
    "content:text:approved": "A text was approved.",
    "content:text:withdrawn": "A text was withdrawn.",
    "content:revision:published": "A revision of the flows was published.",
    "content:revision:withdrawn": "A revision of the flows was withdrawn.",
    "content:reply:approved": "A prepared reply was approved.",
}

_ACCESS = {
    "access:login:opened": "Somebody signed in.",
    "access:login:failed": "A sign-in failed.",
    "access:login:blocked": "A sign-in was refused for a while after failures.",
    "access:login:ended": "Somebody signed out, or was signed out.",
    "access:password:changed": "A password was changed.",
    "access:factor:failed": "A second-factor code was wrong or used before.",
    "access:factor:enrolled": "A second factor was set up.",
    "access:factor:reset": "A second factor was taken away so that a new one is set up.",
    "access:factor:recovered": "A recovery code was used.",
    "access:codes:made": "New recovery codes were made.",
    "access:user:added": "A user was added.",
    "access:user:changed": "A user's settings changed.",
    "access:user:disabled": "A user's access ended.",
    "access:role:changed": "A user's role changed.",
    "access:site:added": "A site was added.",
    "access:shift:started": "An operator came on shift.",
    "access:shift:ended": "An operator went off shift.",
    "access:door:refused": "Somebody tried something that the role does not allow.",
    "access:key:wrapped": "A data key was made readable for a reader.",
    "access:key:unwrapped": "A data key was opened outside normal work.",
    "access:key:rotated": "Root keys were rotated.",
    "access:key:destroyed": "Every wrap of a data key was destroyed.",
    "access:retention:ran": "A retention run was made.",
    "access:backup:made": "A backup was made.",
    "access:backup:restored": "A backup was restored.",
}

TAGS: Final[Mapping[str, str]] = MappingProxyType(
    {**_READS, **_CONVERSATION, **_REFERRAL, **_CONTENT, **_ACCESS}
)
