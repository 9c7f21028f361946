"""Latin letters for SMS, from the word to the message that leaves, and back."""

import pytest

from tests.support.world import World

CYRILLIC = range(0x400, 0x530)


def has_cyrillic(text: str) -> bool:
    return any(ord(letter) in CYRILLIC for letter in text)


@pytest.mark.parametrize(
    ("greeting", "word", "back"),
    [
        ("Саламатсызбы", "латын", "LATYN"),
        ("Здравствуйте", "латиница", "LATINITSA"),
        ("Ассалому алайкум", "лотинӣ", "lotini"),
    ],
)
async def test_a_word_changes_the_letters_of_every_sms(
    world: World, greeting: str, word: str, back: str
) -> None:
    phone = world.phone("+996700000189", "sms")
    await phone.says(greeting)
    await phone.says("1")
    assert has_cyrillic(phone.last)
    await phone.says(word)
    await phone.says("1")
    assert phone.heard
    said = phone.last
    assert not has_cyrillic(said), said
    await phone.says("1")
    assert not has_cyrillic(phone.last)
    await phone.says(back)
    await phone.says("2")
    assert has_cyrillic(phone.last)
