"""One spelling for all typings."""

import time

import pytest

from hotline.understanding.fold import MAX_CHARS, clean, skeleton
from hotline.understanding.typing_styles import stripped


@pytest.mark.parametrize(
    "spellings",
    [
        ["жумуш", "jumush", "zhumush", "Жумуш", "ЖУМУШ"],
        ["үйгө кайткым келет", "уйго кайткым келет", "üygö kaitkym kelet", "uigo kaytkim kelet"],
        ["ҳуҷҷат", "хуччат", "hujjat", "khuchchat", "hujjat"],
        ["Россия", "rossiya", "rossia", "Росия"],
        ["тоҷикистон", "точикистон", "tojikiston", "todjikiston"],
        ["чакыруу", "4akyruu", "chakyruu", "cakiru"],
        ["паспорт", "пacпopт", "pasport"],
        ["қарз", "карз", "qarz", "karz"],
        ["ғулом", "гулом", "gulom", "ghulom"],
        ["шаҳр", "шахр", "shahr", "shakhr"],
    ],
)
def test_spellings_of_one_word_fold_to_one(spellings):
    assert len({skeleton(word) for word in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("жок", "ок"), ("нет", "не"), ("стол", "стоп"), ("да", "ҳа")]
)
def test_different_words_stay_different(one, other):
    assert skeleton(one) != skeleton(other)


@pytest.mark.parametrize("odd", ["", "\x00", "\u202e\u200f", "\ud800", "😀🎉", "…—«»", "١٢", "‍"])
def test_nothing_to_read_folds_to_nothing(odd):
    assert skeleton(odd) == ""


def test_what_nobody_sees_does_not_split_a_word():
    assert skeleton("пас\u200bпорт\u202e") == "pasport"
    assert skeleton("пас\x00порт") == "pas port"


def test_digits_stay_digits():
    assert skeleton("4 ай, 2 күн") == "4 ai 2 kun"


def test_long_and_hostile_texts_are_quick():
    started = time.process_time()
    for text in ("iyngh" * 3000, "шщ" * 5000, "a\u0430" * 5000, "́" * 10_000, "zh" * 5000):
        assert len(skeleton(text)) <= 4 * MAX_CHARS
    assert time.process_time() - started < 0.5


def test_clean_keeps_letters_and_case():
    assert clean(" Салам,\n Ҳасан! ") == "Салам, Ҳасан!"


def test_a_russian_keyboard_folds_as_the_own_one_for_all_letter_pairs():
    letters = "абвгдежзийклмнопрстуфхцчшщъыьэюяңөүғқҳҷӣӯ"
    for one in letters:
        for two in letters:
            word = f"а{one}{two}а"
            assert skeleton(stripped(word)) == skeleton(word)
