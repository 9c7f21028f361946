"""Which option was meant, and the values people type."""

import datetime as dt

import pytest

from hotline.core.reading import Choice
from hotline.understanding import lexicon, options, values

YES_NO = (
    Choice("y", {"ky": "Ооба", "ru": "Да", "tg": "Ҳа"}, (), "yes"),
    Choice("n", {"ky": "Жок", "ru": "Нет", "tg": "Не"}, (), "no"),
    Choice("u", {"ky": "Так билбейм", "ru": "Не знаю", "tg": "Аниқ намедонам"}, (), "unsure"),
    Choice("s", {"ky": "Өткөрүү", "ru": "Пропустить", "tg": "Гузаштан"}, (), "skip"),
)
SEVERAL = (
    Choice("pay", {"ky": "Айлык", "ru": "Оплата", "tg": "Маош"}),
    Choice("conditions", {"ky": "Шарттар", "ru": "Условия труда", "tg": "Шароити кор"}),
    Choice("housing", {"ky": "Турак жай", "ru": "Жильё", "tg": "Ҷойи зист"}),
    Choice("none", {"ky": "Эч бири", "ru": "Ничего из этого", "tg": "Ҳеҷ кадом"}),
)


@pytest.fixture(scope="module")
def words(data):
    return lexicon.build(data["answers"], data["countries"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *[
            (t, "y")
            for t in (
                "ооба",
                "ooba",
                "oba",
                "ia",
                "ия",
                "да",
                "da",
                "ДА!",
                "ҳа",
                "ha",
                "bale",
                "бале",
                "1",
                "1.",
                "один",
                "бир",
                "як",
                "№1",
                "вариант 1",
                "1️⃣",
                "да, он забрал паспорт",
                "конечно",
                "👍",
                "+",
            )
        ],
        *[
            (t, "n")
            for t in (
                "жок",
                "jok",
                "zhok",
                "йок",
                "нет",
                "net",
                "не",
                "ne",
                "2",
                "два",
                "эки",
                "ду",
                "нет, не забирали",
                "no",
                "Жок.",
            )
        ],
        *[
            (t, "u")
            for t in (
                "не знаю",
                "незнаю",
                "ne znayu",
                "билбейм",
                "bilbeim",
                "намедонам",
                "namedonam",
                "3",
                "үч",
            )
        ],
        *[(t, "s") for t in ("пропустить", "skip", "өткөр", "otkor", "4", "чор")],
    ],
)
def test_yes_no_unsure_skip(words, text, code):
    assert options.choose(text, YES_NO, words) == (code,)


@pytest.mark.parametrize(
    "text",
    [
        "да нет",
        "5",
        "0",
        "1 2",
        "паспорт",
        "не могу говорить",
        "",
        "?",
        "99999999999999999999",
        "нет да, да нет",
    ],
)
def test_unclear_stays_unclear(words, text):
    assert options.choose(text, YES_NO, words) == ()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("1 3", ("pay", "housing")),
        ("3,1", ("pay", "housing")),
        ("13", ("pay", "housing")),
        ("1 и 3", ("pay", "housing")),
        ("1 жана 3", ("pay", "housing")),
        ("1 ва 3", ("pay", "housing")),
        ("оплата, жилье", ("pay", "housing")),
        ("айлык жана турак жай", ("pay", "housing")),
        ("маош", ("pay",)),
        ("аплата", ("pay",)),
        ("oplata", ("pay",)),
        ("условия", ("conditions",)),
        ("эч бири", ("none",)),
        ("15", ()),
        ("1 7", ()),
        ("оплата и чай", ()),
    ],
)
def test_several(words, text, codes):
    assert options.choose(text, SEVERAL, words, multi=True) == codes


def test_two_numbers_for_one_answer_are_asked_again(words):
    assert options.choose("1 3", SEVERAL, words) == ()
    assert options.choose("13", SEVERAL, words) == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Россия", "RU"),
        ("в Москве", "RU"),
        ("Москвада жүрөм", "RU"),
        ("Русияда", "RU"),
        ("дар Маскав", "RU"),
        ("Түркия", "TR"),
        ("stambul", "TR"),
        ("Дубайда", "AE"),
        ("Казахстан", "KZ"),
        ("Қазоқистон", "KZ"),
        ("Корея", "KR"),
        ("из Кыргызстана в Турцию", None),
        ("дома", None),
        ("ош", "KG"),
    ],
)
def test_countries(words, text, code):
    assert values.country(text, words) == code


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("35 000", "35000"),
        ("около 20", "20"),
        ("үч ай", "3"),
        ("двадцать", "20"),
        ("даҳ", "10"),
        ("5 или 6", None),
        ("много", None),
        ("1" * 40, None),
    ],
)
def test_numbers(words, text, number):
    assert values.number(text, words) == number


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("05.12.2026", "2026-12-05"),
        ("5/12/26", "2026-12-05"),
        ("2026-12-05", "2026-12-05"),
        ("5 декабря", "2026-12-05"),
        ("1 январь", "2027-01-01"),
        ("31.02.2026", None),
        ("завтра", None),
        ("5 май 2027", "2027-05-05"),
    ],
)
def test_dates(words, text, day):
    assert values.date(text, words, today=dt.date(2026, 11, 21)) == day
