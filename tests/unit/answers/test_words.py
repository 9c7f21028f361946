"""The words themselves: short, safe to light up on a phone, in three languages, and understood."""

import re

import pytest

from hotline import library
from hotline.core.languages import LANGUAGES
from hotline.core.placeholders import PLACEHOLDER
from hotline.core.reading import Command, DangerLevel
from hotline.flow import sms
from hotline.understanding.commands import from_mapping
from hotline.understanding.danger import DangerFinder
from tests.unit.answers.conftest import ROOT

ONE_SCREEN = 700
SMS_LETTERS = 201
BUTTON = 40
LONGEST_NUMBER = "+996 999 312 002"

FORBIDDEN = {
    "ky": ("жабырлануучу", "курман", "адам сатуу", "кулчулук", "сойку", "трафик"),
    "ru": ("жертв", "торговл[ияею]+ людьми", "рабств", "проститу", "траффик", "трафикинг"),
    "tg": ("қурбон", "ҷабрдида", "савдои одам", "ғулом", "фоҳиша", "трафик"),
    "en": ("victim", "trafficking", "slave", "prostitut"),
}
DANGEROUS = {
    "ky": (
        r"\bкачыңыз",
        r"\bкачып кетиңиз",
        "каршы чыгыңыз",
        "куткарабыз",
        "кепилдик беребиз",
        "пара бериңиз",
    ),
    "ru": (
        r"(?<!не )\bбегите",
        r"\bсбегите",
        r"\bубегайте",
        "дайте отпор",
        "спас[её]м",
        "гарантируем",
        "дайте взятку",
    ),
    "tg": (r"\bгурезед", "муқобилат кунед", "наҷот медиҳем", "кафолат медиҳем", "пора диҳед"),
    "en": (
        r"(?<!not )\brun away\b",
        r"\bescape\b",
        r"\bfight back\b",
        "we will rescue",
        "we guarantee",
        "we promise",
    ),
}
CALM_LEAD = {"ky": "окуп жатабыз", "ru": "вас читаем", "tg": "мехонем"}
SAYS_RULES_CHANGE = {"ky": "өзгөр", "ru": "меня[юе]тся", "tg": "тағйир"}
RULES = [
    "documents_copies", "korea_eps", "europe_work", "turkey_work", "gulf_work",
    "ru_entry_ban_check", "ru_entry_docs_card", "ru_registration", "ru_90_days",
    "ru_work_kg_no_patent", "ru_patent_tj", "ru_medical_fingerprint", "ru_registry", "ru_ruid",
    "ru_amina", "ru_sim", "ru_child_school", "ru_deportation", "ru_overstay_fix", "ru_oms",
    "pregnancy_emergency", "fake_documents", "ru_taxi_courier", "airport_refused", "kz_rules",
    "lost_passport", "child_birth_docs", "children_left_behind", "health_hiv_tb",
    "refugee_resettlement", "canada_visa", "family_reunion",
]  # fmt: skip
TYPED = {
    "ky": re.compile(r"«([^»]+)» деп жазыңыз"),
    "ru": re.compile(r"[Нн]апишите «([^»]+)»"),
    "tg": re.compile(r"«([^»]+)» нависед"),
}
CAPITALS = re.compile(r"\b[А-ЯЁҢӨҮҒҚҲҶӢӮ]{2,}(?: [А-ЯЁҢӨҮҒҚҲҶӢӮ]{2,})*\b")
ABBREVIATIONS = {
    "МВД", "КР", "ЕАЭС", "ЕАЭБ", "МИД", "ОМС", "СНИЛС", "ВИЧ", "СПИД", "МОМ", "УВКБ", "УВКБ ООН",
    "СБМ", "СММ", "ИИАО", "ОАЭ", "АМА", "ООН", "ВКД", "ВКХ", "ИМА", "КРД", "США",
}  # fmt: skip


def in_language(said, code):
    return [(key, words) for key, language, words in said if language == code]


def filled(words):
    """As long as it can become: every number in its place."""
    return PLACEHOLDER.sub(LONGEST_NUMBER, words)


@pytest.fixture(scope="module")
def understanding():
    folder = ROOT / "flows" / "understanding"
    read = {
        name: library.read_file(folder / f"{name}.yaml", root=ROOT / "flows")
        for name in ("commands", "danger")
    }
    return from_mapping(read["commands"]), DangerFinder(read["danger"])


@pytest.mark.parametrize("code", LANGUAGES)
def test_an_sms_fits_three_cyrillic_parts(said, code):
    for key, words in in_language(said, code):
        if key.endswith((".sms", ".text")):
            sent = sms.plain(filled(words))
            assert len(sent) <= SMS_LETTERS, f"{key}: {len(sent)}"
            assert sms.size(sent).parts <= 3, key


@pytest.mark.parametrize("code", LANGUAGES)
def test_an_answer_fits_one_screen_and_begins_with_one_lead_sentence(said, code):
    for key, words in in_language(said, code):
        if key.endswith(".tell"):
            assert len(words) <= ONE_SCREEN, f"{key}: {len(words)}"
            lead, _, rest = words.partition("\n")
            assert not lead.startswith("•"), key
            assert len(lead) <= 170, f"{key}: {len(lead)}"
            assert "\n• " in words or key.startswith("answers.talk_operator"), key
            assert rest.strip(), key


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_label_fits_a_button(said, code):
    labels = [(key, words) for key, words in in_language(said, code) if key.endswith(".label")]
    for key, words in labels:
        assert len(words) <= BUTTON, f"{key}: {len(words)}"
    spoken = [words.casefold() for _, words in labels]
    assert len(spoken) == len(set(spoken))


def test_english_fits_one_screen_too(answers):
    for intent, body in answers.items():
        assert len(body["tell"]) <= ONE_SCREEN, intent


@pytest.mark.parametrize("code", LANGUAGES)
def test_nothing_names_the_topic_on_a_phone(said, code):
    pattern = re.compile("|".join(FORBIDDEN[code]), re.IGNORECASE)
    assert [key for key, words in in_language(said, code) if pattern.search(words)] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_nothing_tells_a_person_to_run_fight_or_believe_a_promise(said, code):
    pattern = re.compile("|".join(DANGEROUS[code]), re.IGNORECASE)
    assert [key for key, words in in_language(said, code) if pattern.search(words)] == []


def test_the_english_is_as_careful(answers, replies):
    texts = {
        f"{i}.{part}": b[part] for i, b in answers.items() for part in ("label", "tell", "sms")
    }
    texts |= {row["id"]: row["text"] for row in replies}
    for words in (FORBIDDEN, DANGEROUS):
        pattern = re.compile("|".join(words["en"]), re.IGNORECASE)
        assert [key for key, text in texts.items() if pattern.search(text)] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_our_own_is_the_only_number_that_is_typed(said, contacts, code):
    short = {str(row["number"]) for row in contacts.values() if row["number"]} - {"189"}
    for key, words in in_language(said, code):
        bare = PLACEHOLDER.sub(" ", words)
        assert not re.search(r"\+\s?\d|\b0800\b|\d[\d ()-]{8,}\d", bare), key
        assert not short & set(re.findall(r"\d+", bare)), key


@pytest.mark.parametrize("code", LANGUAGES)
def test_contacts_in_a_text_are_in_the_register(said, contacts, code):
    for key, words in in_language(said, code):
        for name in PLACEHOLDER.findall(words):
            kind, _, contact = name.partition(":")
            assert (kind, contact in contacts) == ("contact", True), f"{key}: {name}"


@pytest.mark.parametrize("code", LANGUAGES)
def test_who_is_in_danger_is_first_met_calmly(answers, text, code):
    urgent = [intent for intent, body in answers.items() if body["human_first"] == "always"]
    assert urgent
    for intent in urgent:
        for part in ("tell", "tell.sms"):
            words = text(code, f"answers.{intent}.{part}")
            assert CALM_LEAD[code] in words.lower() or "окуп" in words.lower(), intent
            assert re.search(r"\b1\b.*\b0\b", words, re.DOTALL), f"{intent}.{part}"
            assert not re.search(r"\b20\d\d\b|%", words), f"{intent}.{part} holds detail"


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("intent", RULES)
def test_rules_are_said_to_change(text, code, intent):
    assert re.search(SAYS_RULES_CHANGE[code], text(code, f"answers.{intent}.tell"), re.IGNORECASE)


@pytest.mark.parametrize("code", LANGUAGES)
def test_words_that_a_person_is_told_to_type_in_danger_call_for_help(said, understanding, code):
    _, danger = understanding
    told = {
        (key, typed)
        for key, words in in_language(said, code)
        for typed in TYPED[code].findall(words)
    }
    told = {(key, typed) for key, typed in told if typed.lower() != "ок"}
    assert told
    for key, typed in told:
        assert danger.find(typed).level is DangerLevel.IMMEDIATE, f"{key}: {typed}"


@pytest.mark.parametrize("code", LANGUAGES)
def test_words_in_capitals_are_commands(said, understanding, code):
    commands, _ = understanding
    for key, words in in_language(said, code):
        for typed in set(CAPITALS.findall(words)) - ABBREVIATIONS:
            called = commands.find(typed)
            assert called is not None and not called.near, f"{key}: {typed}"  # noqa: PT018


@pytest.mark.parametrize("zero", ["0", " 0 "])
def test_nought_closes_everything_as_the_first_message_says(understanding, zero):
    commands, _ = understanding
    assert commands.find(zero).command is Command.HIDE


def test_kyrgyzstan_is_spelt_as_it_calls_itself(said):
    russian = [words for _, words in in_language(said, "ru")]
    assert not any("Киргиз" in words for words in russian)
    assert any("Кыргызстан" in words for words in russian)


def test_nobody_is_addressed_as_a_child_or_by_gender(said):
    assert not any(
        re.search(r"\w\((?:а|ла|на|ая)\)", words) for _, words in in_language(said, "ru")
    )
    familiar = {
        "ky": r"\b(?:сен|сага|сени)\b",
        "ru": r"\b(?:ты|тебе|тебя)\b",
        "tg": r"\b(?:ту|туро)\b",
    }
    for code, pattern in familiar.items():
        wrong = [
            key
            for key, words in in_language(said, code)
            if re.search(pattern, words, re.IGNORECASE)
        ]
        assert wrong == []
