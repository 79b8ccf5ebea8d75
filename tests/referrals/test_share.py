"""The share kit: words by language and way, drafts, links of their own, what says the reward."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tests.fixtures import BROWSER
from wagtail_referrals.people.erase import erase_person
from wagtail_referrals.programs.disclosure import hides_reward
from wagtail_referrals.programs.share_models import ShareText
from wagtail_referrals.referrals.channels import CHANNELS, text_messages
from wagtail_referrals.referrals.clicks import clean_channel
from wagtail_referrals.referrals.models import Advocate, AdvocateState, Share
from wagtail_referrals.referrals.share import share_kit, share_text
from wagtail_referrals.referrals.share_words import share_words, words_to_choose


@pytest.fixture
def write(program, django_capture_on_commit_callbacks):
    def write(text, **values):
        values = {"disclosure": "I get one, too.", **values}
        with django_capture_on_commit_callbacks(execute=True):
            return ShareText.objects.create(program=program, text=text, **values)

    return write


def hrefs(advocate):
    return {link.name: link.href for link in share_kit(advocate).channels}


def test_without_texts_of_its_own_a_program_has_ours(program):
    assert "10% off" in share_words(program)


def test_its_own_text_comes_before_ours_and_a_list_of_texts_before_both(program, write):
    program.share_text = "Try it."
    assert share_words(program) == "Try it."
    write("Great coffee.")
    assert share_words(program) == "Great coffee. I get one, too."


def test_the_first_is_chosen_and_the_others_are_offered(advocate, write):
    write("Second.", position=2)
    write("First.", position=1)
    write("Never.", position=3, is_active=False)
    kit = share_kit(advocate)
    assert kit.text.startswith("First. I get one, too. http")
    assert [other.text.partition(".")[0] for other in kit.others] == ["Second"]


@pytest.mark.parametrize(
    ("language", "words"), [("de", "Hallo"), ("de-at", "Hallo"), ("en", "Hello"), ("fr", "Hello")]
)
def test_a_text_is_in_the_readers_language(program, write, language, words):
    write("Hello")
    write("Hallo", locale="de")
    with translation.override(language):
        assert [one.split()[0] for one in words_to_choose(program)] == [words]


def test_a_text_for_one_way_is_for_that_way_alone(advocate, write):
    write("For all.")
    write("For WhatsApp.", channel="whatsapp")
    drafts = hrefs(advocate)
    assert "For%20WhatsApp" in drafts["whatsapp"]
    assert "For%20all" in drafts["telegram"]
    assert share_kit(advocate).text.startswith("For all.")


def test_a_change_is_seen_at_once(program, write, django_capture_on_commit_callbacks):
    text = write("Old.")
    assert share_words(program).startswith("Old.")
    with django_capture_on_commit_callbacks(execute=True):
        text.text = "New."
        text.save()
    assert share_words(program).startswith("New.")
    with django_capture_on_commit_callbacks(execute=True):
        text.delete()
    assert "10% off" in share_words(program)


def test_words_of_the_cache_cost_no_query(program):
    share_text(program, "https://example.org/")
    with CaptureQueriesContext(connection) as captured:
        share_text(program, "https://example.org/")
    assert not captured.captured_queries


def test_a_text_older_than_the_reward_says_it_all_the_same(program, write):
    write("Great coffee.", disclosure="")
    assert share_words(program) == "Great coffee. I get a thank-you, too."


def test_without_a_reward_there_is_nothing_to_say(program, write):
    program.advocate_offer = None
    program.save()
    write("Great coffee.", disclosure="").full_clean()
    assert share_words(program) == "Great coffee."


def test_a_text_that_hides_the_reward_is_refused(program):
    text = ShareText(program=program, text="Great coffee.")
    with pytest.raises(ValidationError) as refused:
        text.full_clean()
    assert "16 CFR 255.5" in str(refused.value.message_dict["disclosure"])


@pytest.mark.parametrize(
    ("words", "hidden"),
    [
        ("Best coffee in town.", True),
        ("Best coffee, and I get a bag for it.", False),
        ("Toller Kaffee. Ich bekomme dafür eine Tüte.", False),
        ("A sad ad", False),
        ("Address it to me", True),
    ],
)
def test_a_programs_text_that_hides_the_reward_is_found(program, words, hidden):
    program.share_text = words
    assert hides_reward(program) is hidden


def test_every_draft_opens_with_the_words_and_its_own_link(advocate):
    for name, href in hrefs(advocate).items():
        assert f"via={name}" in unquote(href), name
        assert ("recommend" in unquote(href)) is CHANNELS[name].takes_words, name


def test_x_takes_words_and_link_apart(advocate):
    values = parse_qs(urlsplit(hrefs(advocate)["x"]).query)
    assert values["url"][0].endswith("via=x")
    assert "://" not in values["text"][0]


def test_words_with_signs_of_an_address_break_no_draft(advocate, write):
    write('50% & more? #1 = "us"\n<b>')
    values = parse_qs(urlsplit(hrefs(advocate)["whatsapp"]).query)
    assert values["text"][0].startswith('50% & more? #1 = "us"\n<b> I get one, too. http')
    assert list(values) == ["text"]


def test_a_click_of_every_way_is_known_by_it():
    assert {clean_channel(key) for key in CHANNELS} == set(CHANNELS)


@pytest.mark.parametrize(
    ("text", "count"),
    [("a" * 160, 1), ("a" * 161, 2), ("ü" * 160, 1), ("€" * 81, 2), ("—" * 70, 1), ("—" * 71, 2)],
)
def test_text_messages_are_counted_as_they_are_paid_for(text, count):
    assert text_messages(text) == count


def test_a_link_counts_as_23_characters_on_x():
    assert not CHANNELS["x"].is_too_long("a" * 256, "https://example.org/" + "x" * 100)
    assert CHANNELS["x"].is_too_long("a" * 257, "https://example.org/")


def press(client, advocate, channel="whatsapp", **meta):
    meta = {"HTTP_USER_AGENT": BROWSER, "REMOTE_ADDR": "192.0.2.7", **meta}
    return client.post(f"/refer/share/{advocate.display_code}/{channel}/", **meta)


def test_a_share_is_counted_without_a_cookie(client, advocate, landing):
    response = press(client, advocate)
    assert (response.status_code, response.content, response.cookies) == (204, b"", {})
    assert Share.objects.get().channel == "whatsapp"


def test_one_visitor_of_a_day_shares_once_by_each_way(client, advocate, landing):
    for channel in ("copy", "copy", "qr", "copy"):
        press(client, advocate, channel)
    press(client, advocate, "copy", REMOTE_ADDR="192.0.2.8")
    assert sorted(Share.objects.values_list("channel", flat=True)) == ["copy", "copy", "qr"]


@pytest.mark.parametrize(
    "values",
    [
        {"channel": "smoke-signals"},
        {"channel": "x" * 3000},
        {"HTTP_USER_AGENT": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"HTTP_USER_AGENT": ""},
        {"HTTP_SEC_FETCH_SITE": "cross-site"},
    ],
)
def test_what_no_visitor_of_ours_does_is_not_counted(client, advocate, landing, values):
    assert press(client, advocate, **values).status_code == 204
    assert not Share.objects.exists()


def test_who_is_another_browser_each_time_does_not_fill_the_table(
    client, advocate, landing, settings
):
    settings.WAGTAIL_REFERRALS = {"FORM_RATE": "3/h"}
    for number in range(6):
        agent = f"{BROWSER} {number}"
        assert press(client, advocate, HTTP_USER_AGENT=agent).status_code == 204
    assert Share.objects.count() == 3


def test_an_unknown_code_is_answered_the_same(client, db):
    response = client.post("/refer/share/NOPE/copy/", HTTP_USER_AGENT=BROWSER)
    assert response.status_code == 204


def test_a_share_is_sent_and_never_opened(client, advocate):
    assert client.get(f"/refer/share/{advocate.display_code}/copy/").status_code == 405


def test_counting_a_share_is_one_statement(client, advocate, landing):
    press(client, advocate, "copy")
    with CaptureQueriesContext(connection) as captured:
        press(client, advocate, "qr")
    assert len(captured) == 1


@pytest.mark.parametrize(("kind", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_the_qr_code_is_a_picture_to_take_along(client, advocate, kind, begins):
    response = client.get(share_kit(advocate).files[kind])
    assert response.content.startswith(begins)
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-cache" in response["Cache-Control"]


def test_the_cards_hold_the_offer_and_the_code_ten_times(client, advocate):
    page = client.get(share_kit(advocate).files["cards"]).content.decode()
    assert page.count(advocate.display_code) == 10
    assert page.count("10% off") == 10
    assert "ann@example.org" not in page


@pytest.mark.parametrize("file", ["png", "svg", "cards"])
def test_files_are_nobodys_any_more(client, advocate, file):
    address = share_kit(advocate).files[file]
    Advocate.objects.update(state=AdvocateState.LEFT)
    assert client.get(address).status_code == 404


def test_files_of_an_erased_person_are_gone(client, advocate):
    address = share_kit(advocate).files["png"]
    erase_person(advocate.person, reason="Asked for")
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("token", ["x", "x" * 3000, "%00", "🦆"])
def test_a_forged_address_of_files_is_friendly(client, db, token):
    for rest in ("code.png", "code.exe", "cards/"):
        assert client.get(f"/refer/share/{token}/{rest}").status_code == 404
