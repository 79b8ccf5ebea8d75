import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_referrals.coupons.codes import (
    ALPHABET,
    COUPON_LENGTH,
    LINK_LENGTH,
    code_key,
    display_code,
    new_code,
)
from wagtail_referrals.coupons.patterns import new_codes

TWINS = str.maketrans("ABCEHKMPTX01", "АВСЕНКМРТХOl")


def test_a_code_reads_in_groups_of_four():
    assert display_code("7K2MQ4XW9T3C") == "7K2M-Q4XW-9T3C"


@given(st.sampled_from([COUPON_LENGTH, LINK_LENGTH]), st.randoms())
def test_a_code_is_known_however_it_is_typed(length, random):
    key = new_code(length)
    spellings = [
        display_code(key),
        key.lower(),
        f"  {' '.join(key)}  ",
        key.translate(TWINS),
        display_code(key).replace("-", " - "),
    ]
    assert {code_key(spelling, length) for spelling in spellings} == {key}


@given(st.integers(0, COUPON_LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_never_a_code(position, char):
    key = new_code()
    wrong = key[:position] + char + key[position + 1 :]
    assert code_key(wrong, COUPON_LENGTH) == (key if char == key[position] else "")


@given(st.text(max_size=3000), st.sampled_from([None, COUPON_LENGTH, LINK_LENGTH]))
def test_any_text_is_a_code_or_nothing(text, length):
    key = code_key(text, length)
    assert key.isascii() and len(key) <= 32
    assert not length or len(key) in (0, length)


@pytest.mark.parametrize(
    "spellings",
    [
        ("SUMMER-25", "summer25", " Summer 25 ", "svmmer25", "ЅUММЕR-25"),
        ("ÄPFEL_20%", "äpfel_20%", "ÄPFEL _20 %"),
        ("x" * 40, "X" * 40, "x-" * 20 + "x" * 20),
        ("コーヒー", "コーヒ-ー".replace("-", " ")),
    ],
)
def test_a_code_that_a_site_brought_along_is_known_however_it_is_typed(spellings):
    keys = {code_key(spelling) for spelling in spellings}
    assert len(keys) == 1 and "" not in keys


def test_a_batch_s_codes_have_its_pattern_and_their_check():
    codes = list(new_codes("SOMMER-####-##-#####-#", 500))
    assert len(dict(codes)) == 500
    for key, shown in codes:
        assert re.fullmatch(r"SOMMER-[^-]{4}-[^-]{2}-[^-]{5}-[^-]", shown)
        assert code_key(shown) == code_key(shown.lower()) == key
        assert code_key(shown, 18) == key
        assert not set(shown.removeprefix("SOMMER")) - {*ALPHABET, "-"}


def test_codes_use_all_characters_evenly():
    one_by_one = "".join(new_code()[:-1] for _ in range(6000))
    at_once = "".join(key[:-1] for key, _shown in new_codes("####-####-####", 6000))
    for codes in (one_by_one, at_once):
        counts = [codes.count(char) for char in ALPHABET]
        assert min(counts) > 0.85 * len(codes) / 32
        assert max(counts) < 1.15 * len(codes) / 32
