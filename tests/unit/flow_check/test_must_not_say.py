"""Nothing that is sent escapes the list: questions, buttons, results, reasons, their SMS forms."""

import pytest
import yaml

from hotline.core.languages import LANGUAGES
from hotline.flow.checks.safety import must_not_say
from hotline.flow.checks.subject import Subject, Translation
from hotline.i18n import sources, words
from tests.support.flows import ROOT, bundle, files

PLANTED = {"ky": "жабырлануучу", "ru": "Вы жертва", "tg": "қурбонӣ"}


def forbidden() -> dict[str, tuple[str, ...]]:
    source = yaml.safe_load((ROOT / "flows" / "must_not_say.yaml").read_text("utf-8"))
    return {name: tuple(entries) for name, entries in source.items()}


def subject(translations) -> Subject:
    return Subject(bundle(), translations=translations, must_not_say=forbidden())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_planted_word_is_found_in_every_text_of_the_flows(language) -> None:
    planted = {key: Translation((PLANTED[language],)) for key in bundle().texts}
    found = {
        finding.key
        for finding in must_not_say(subject({language: planted}))
        if finding.language == language
    }
    assert found == set(bundle().texts)


def test_results_reasons_buttons_and_sms_forms_are_texts_of_the_flows() -> None:
    keys = set(bundle().texts)
    assert {"result.high.tell", "result.high.tell.plain", "result.high.tell.sms"} <= keys
    assert {"reason.C06.y", "reason.B04.n"} <= keys
    assert {"work.C10.sex", "offer.B09.sold.sms", "work.C06.ask.third.sms"} <= keys
    assert {"wait.joined", "news.accepted.tell"} & keys


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_is_shipped_says_it(language) -> None:
    catalogue = words.load(ROOT / "locales", sources.english(ROOT, bundle(), files()))
    shipped = {key: Translation((catalogue.text(key, language),)) for key in bundle().texts}
    assert list(must_not_say(subject({language: shipped}))) == []
