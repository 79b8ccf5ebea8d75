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
    assert code_key(wrong) == (key if char == key[position] else "")


@given(st.text(max_size=3000))
def test_any_text_is_a_code_or_nothing(text):
    assert len(code_key(text)) in (0, COUPON_LENGTH)


def test_codes_use_all_characters_evenly():
    codes = "".join(new_code()[:-1] for _ in range(6000))
    counts = [codes.count(char) for char in ALPHABET]
    assert min(counts) > 0.85 * len(codes) / 32
    assert max(counts) < 1.15 * len(codes) / 32
