import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_referrals.exceptions import InvalidInput
from wagtail_referrals.people.identity import clean_email, email_key
from wagtail_referrals.people.register import find_or_add_person

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@pytest.mark.parametrize(
    "one, other",
    [
        ("ann@example.org", "ANN@Example.ORG"),
        ("ann.lee@gmail.com", "a.n.n.lee+coffee@googlemail.com"),
        ("ann@outlook.com", "ann+x@outlook.com"),
        ("ann@protonmail.com", "a.nn@pm.me"),
        ("ann@example.org", "ann@ехample.org"),  # the first two letters of the domain are Cyrillic
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@мир.example", "ann@xn--h1ahn.example"),
    ],
)
def test_two_spellings_of_one_mailbox_are_one_person(one, other):
    assert email_key(one) == email_key(other)


@pytest.mark.parametrize(
    "one, other",
    [
        ("ann.lee@example.org", "annlee@example.org"),
        ("ann+x@example.org", "ann@example.org"),
        ("ann.lee@outlook.com", "annlee@outlook.com"),
        ("ann@example.org", "ann@example.com"),
    ],
)
def test_two_mailboxes_are_two_people(one, other):
    assert email_key(one) != email_key(other)


@given(
    local=st.text(LETTERS, min_size=1, max_size=20),
    tag=st.text(LETTERS, max_size=8),
    dots=st.lists(st.integers(1, 19), max_size=5),
)
def test_no_dot_or_tag_makes_another_person_at_gmail(local, tag, dots):
    alias = local
    for position in dots:
        if 0 < position < len(alias) and "." not in alias[position - 1 : position + 1]:
            alias = f"{alias[:position]}.{alias[position:]}"
    assert email_key(f"{alias}+{tag}@gmail.com") == email_key(f"{local}@gmail.com")


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "ann",
        "ann@",
        "@example.org",
        "ann@example.org\nBcc: all@example.org",
        "ann\0@example.org",
        "😀@example.org",
        "ann@exa mple.org",
        '"ann"@example.org',
        f"{'a' * 300}@example.org",
        f"ann@{'a' * 64}.org",
        f"ann@{'㎒' * 40}.org",
        None,
    ],
)
def test_a_bad_address_is_refused_with_its_code(bad):
    with pytest.raises(InvalidInput) as refused:
        email_key(bad)
    assert refused.value.code == "invalid_email"


@given(st.text(max_size=300))
def test_any_text_is_an_address_or_a_clear_error(text):
    try:
        assert "@" in clean_email(text)
        assert len(email_key(text)) == 64
    except InvalidInput as error:
        assert error.code == "invalid_email"


def test_a_name_fills_an_empty_one_and_never_overwrites(db):
    find_or_add_person("ann@example.org")
    assert find_or_add_person("Ann@example.org", name="Ann").name == "Ann"
    assert find_or_add_person("ann@example.org", name="Mallory").name == "Ann"


@pytest.mark.parametrize(
    "name, shown",
    [
        ("Ann Lee", "Ann"),
        ("Jean-Luc P.", "Jean-Luc"),
        ("www.evil.example buy", ""),
        ("=1+1", ""),
        ("", ""),
        ("Zoë", "Zoë"),
    ],
)
def test_only_a_word_is_shown_as_a_first_name(db, name, shown):
    assert find_or_add_person("ann@example.org", name=name).first_name == shown
