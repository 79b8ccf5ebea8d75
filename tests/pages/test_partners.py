"""A business says how it wants to be introduced, an editor publishes it, its friends come."""

import io
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Picture
from wagtail.images import get_image_model
from wagtail.models import GroupApprovalTask, Workflow, WorkflowPage, WorkflowTask

from tests.fixtures import BROWSER
from tests.pages.joining import ANSWERS, apply, png, publish, send, text
from wagtail_referrals.coupons.models import Coupon
from wagtail_referrals.messages.compose import compose
from wagtail_referrals.messages.models import Message
from wagtail_referrals.pages.join_form import JoinForm
from wagtail_referrals.pages.models import PartnerHubPage, PartnerPage
from wagtail_referrals.partners.join import invite_partner
from wagtail_referrals.partners.mail import join_path, own_page_path
from wagtail_referrals.partners.models import JointOffer, Partner
from wagtail_referrals.programs.models import Offer
from wagtail_referrals.referrals.models import Advocate

pytestmark = pytest.mark.usefixtures("no_time_trap")

# Becoming one


def test_who_applies_is_a_partner_with_a_draft_that_nobody_sees(client, hub):
    answer = apply(client, hub, logo=png())
    assert answer.status_code == 303
    assert "Thank you" in text(client.get(answer.url))
    partner, page = Partner.objects.get(), PartnerPage.objects.get()
    assert (partner.state, partner.name, partner.person.email) == (
        "applied",
        "Harbour Bicycles",
        "cem@example.org",
    )
    assert partner.website == "https://bicycles.example.org"
    assert partner.cooperation == ["article", "offer"]
    assert (page.partner, page.live, page.get_parent().pk) == (partner, False, hub.pk)
    draft = page.get_latest_revision_as_object()
    assert draft.phrase_list == ["My brakes are screaming", "I could not cycle today"]
    assert draft.links[0]["url"] == "https://bicycles.example.org/prices"
    assert draft.logo.width == 600
    assert client.get(f"{hub.url}harbour-bicycles/").status_code == 404
    assert partner.advocate.state == "paused"


def test_ten_applications_are_one_partner_and_tell_nobody_apart(client, hub):
    answers = [apply(client, hub, business=f"Business {n}") for n in range(10)]
    assert {(answer.status_code, answer.url) for answer in answers} == {(303, answers[0].url)}
    assert Partner.objects.get().name == "Business 0"
    assert PartnerPage.objects.count() == JointOffer.objects.count() == 1
    assert Message.objects.filter(kind="partner_link").count() == 1


def test_a_stranger_with_a_partners_address_changes_nothing_of_theirs(partner, hub):
    before = PartnerPage.objects.get().latest_revision_id
    apply(Client(), hub, business="Evil", contact="Eve", website="https://evil.example.org")
    partner.refresh_from_db()
    assert (partner.name, partner.state) == ("Harbour Bicycles", "active")
    assert partner.website == "https://bicycles.example.org"
    assert PartnerPage.objects.get().latest_revision_id == before


def test_a_customer_whose_address_a_stranger_sends_keeps_their_link(client, hub, advocate):
    apply(client, hub, email=advocate.person.email)
    advocate.refresh_from_db()
    assert advocate.state == "active"


def test_who_asked_not_to_be_contacted_gets_no_mail_and_the_same_answer(client, hub):
    from wagtail_referrals.people.suppression import suppress

    suppress("cem@example.org")
    assert apply(client, hub).url.endswith("/joined/")
    assert not Partner.objects.exists()
    assert not Message.objects.exists()


def test_a_hub_that_takes_no_applications_says_so_and_stores_none(client, hub):
    page = client.get(f"{hub.url}join/")
    PartnerHubPage.objects.update(takes_applications=False)
    assert send(client, page).status_code == 303
    assert "ourselves" in text(client.get(f"{hub.url}join/"))
    assert not Partner.objects.exists()


def test_who_was_invited_finds_the_form_and_answers_once(client, hub):
    partner = invite_partner(
        hub.program, email="cem@example.org", name="Harbour Bikes", kind="supplier"
    )
    mail = compose(Message.objects.get(kind="partner_invitation"))
    link = re.search(r"/refer/partner/join/[^\s]+", mail.body)[0]
    form = client.get(link, follow=True)
    assert "email" not in form.context["form"].fields
    assert form.context["form"]["business"].value() == "Harbour Bikes"
    assert "no-store" in form["Cache-Control"]
    for business in ("Harbour Bicycles", "Again"):
        assert send(client, form, business=business).status_code == 303
    partner.refresh_from_db()
    assert (partner.state, partner.name, partner.kind) == (
        "applied",
        "Harbour Bicycles",
        "supplier",
    )
    assert PartnerPage.objects.count() == 1
    assert "Thank you" in text(client.get(link, follow=True))


def test_an_invitation_that_is_forged_or_too_old_opens_nothing(client, hub, settings):
    partner = invite_partner(hub.program, email="c@example.org", name="C", kind="supplier")
    path = join_path(partner)
    assert client.get(f"{path[:-3]}x/").status_code == 404
    assert client.get(path.replace("partner/join/", "partner/")).status_code == 404
    settings.WAGTAIL_REFERRALS = {**settings.WAGTAIL_REFERRALS, "TOKEN_DAYS": 0}
    assert client.get(path).status_code == 404


def test_a_second_invitation_to_one_address_says_that_it_is_known(hub):
    from wagtail_referrals.exceptions import ReferralsError

    invite_partner(hub.program, email="cem@example.org", name="C", kind="supplier")
    with pytest.raises(ReferralsError) as refused:
        invite_partner(hub.program, email="CEM@example.org", name="D", kind="supplier")
    assert refused.value.code == "partner_known"


@pytest.fixture
def workflow(hub):
    """Somebody has to approve of what stands below the hub, and is told by mail."""
    workflow = Workflow.objects.create(name="Look at it", active=True)
    task = GroupApprovalTask.objects.create(name="Editor")
    group = Group.objects.get_or_create(name="Moderators")[0]
    task.groups.add(group)
    User.objects.create_user("mo", "mo@example.org").groups.add(group)
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    WorkflowPage.objects.create(workflow=workflow, page=hub)
    return workflow


def test_a_draft_goes_through_the_workflow_of_its_hub(
    client, hub, workflow, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        apply(client, hub)
    assert [mail.to for mail in mailoutbox] == [["mo@example.org"]]
    page = PartnerPage.objects.get()
    assert page.workflow_in_progress
    task_state = page.current_workflow_task_state
    task_state.approve(user=User.objects.create_superuser("ed"))
    page.refresh_from_db()
    assert page.live
    assert Partner.objects.get().state == "active"


def test_what_a_partner_changes_while_it_is_looked_at_has_to_be_looked_at_anew(
    client, hub, workflow
):
    apply(client, hub)
    page = PartnerPage.objects.get()
    seen = page.current_workflow_task_state
    edit = client.get(f"{own_page_path(Partner.objects.get())}edit/")
    send(client, edit, summary="Something new")
    seen.refresh_from_db()
    assert seen.status == "cancelled"
    assert page.current_workflow_task_state.pk != seen.pk


def test_who_has_to_mend_something_is_told_to_choose_the_logo_again(client, hub):
    answer = apply(client, hub, logo=png(), works="")
    assert "once more" in str(answer.context["form"]["logo"].help_text)


# What is sent


def broken_files():
    return {
        "html": SimpleUploadedFile("logo.png", b"<html><script>alert(1)</script></html>"),
        "html by name": SimpleUploadedFile("logo.html", b"<html></html>", content_type="text/html"),
        "svg": SimpleUploadedFile(
            "logo.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
        ),
        "svg as png": SimpleUploadedFile(
            "logo.png", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
        ),
        "huge": png(20_000, 3),
        "wrong name": png(name="logo.gif"),
        "cut off": SimpleUploadedFile("logo.png", png().read()[:200]),
        "empty": SimpleUploadedFile("logo.png", b""),
        "too heavy": SimpleUploadedFile("logo.png", png().read() + b"0" * 6_000_000),
    }


@pytest.mark.parametrize("what", broken_files())
def test_a_file_that_is_no_logo_is_refused_at_its_field_and_nothing_is_stored(client, hub, what):
    answer = apply(client, hub, logo=broken_files()[what])
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["logo"]
    assert not Partner.objects.exists()
    assert not get_image_model().objects.exists()


def test_a_logo_is_drawn_anew_without_what_else_was_in_the_file(client, hub):
    sent = SimpleUploadedFile("logo.png", png(3000, 1500).read() + b"<script>alert(1)</script>")
    apply(client, hub, logo=sent)
    logo = get_image_model().objects.get()
    assert (logo.width, logo.height) == (1200, 600)
    assert b"script" not in logo.file.read()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("website", "javascript:alert(1)"),
        ("website", "data:text/html,x"),
        ("website", "ftp://example.org"),
        ("links", "https://example.org\njavascript:alert(1)"),
        ("links", "\n".join(["https://example.org"] * 6)),
        ("email", "no address"),
        ("business", ""),
        ("summary", "x" * 201),
        ("serves", "a\x00b"),
        ("cooperation", ["everything"]),
    ],
)
def test_what_cannot_be_kept_is_said_at_its_field(client, hub, field, value):
    answer = apply(client, hub, **{field: value})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert not Partner.objects.exists()


# Published


def test_publishing_makes_the_partner_active_its_link_lead_there_and_tells_it_once(client, hub):
    apply(client, hub)
    page = publish(PartnerPage.objects.get())
    publish(page)
    partner = Partner.objects.get()
    assert (partner.state, partner.advocate.state) == ("active", "active")
    mail = compose(Message.objects.get(kind="partner_published"))
    assert page.full_url in mail.body
    link = reverse("wagtail_referrals:link", args=[partner.advocate.display_code])
    assert client.get(link).url == f"{page.url}with/{partner.advocate.display_code}/"


def test_a_page_taken_down_has_the_link_lead_to_the_program(client, partner, landing):
    link = reverse("wagtail_referrals:link", args=[partner.advocate.display_code])
    client.get(link)
    PartnerPage.objects.get().unpublish()
    assert client.get(link).url.startswith(landing.url)


def test_a_page_that_is_deleted_has_the_link_lead_to_the_program(client, partner, landing):
    link = reverse("wagtail_referrals:link", args=[partner.advocate.display_code])
    client.get(link)
    PartnerPage.objects.get().delete()
    assert client.get(link).url.startswith(landing.url)


def test_a_page_expires_when_it_is_set_to(client, partner):
    from django.core.management import call_command

    page = PartnerPage.objects.get()
    PartnerPage.objects.update(expire_at=timezone.now() - timedelta(minutes=1))
    call_command("publish_scheduled")
    assert client.get(page.url).status_code == 404


def test_the_profile_says_what_was_answered_and_nothing_private(client, partner):
    page = PartnerPage.objects.get()
    shown = text(client.get(page.url))
    for words in ("People who cycle to work", "My brakes are screaming", "The first check is free"):
        assert words in shown
    for private in ("cem@example.org", "0431 555"):
        assert private not in shown


def test_the_profile_sets_no_cookie(client, partner):
    for url in (PartnerPage.objects.get().url, f"{PartnerHubPage.objects.get().url}join/"):
        assert not client.get(url).cookies


@pytest.mark.parametrize("mode", [mode for mode, _label in PartnerPage.preview_modes])
def test_every_preview_can_be_seen(partner, rf, mode):
    page = PartnerPage.objects.get()
    response = page.make_preview_request(preview_mode=mode)
    assert response.status_code == 200


def test_the_picture_to_share_is_drawn_in_the_size_that_is_wanted(client, hub):
    apply(client, hub, logo=png(), business="Überlänge " * 9)
    page = publish(PartnerPage.objects.get())
    answer = client.get(f"{page.url}share/")
    assert answer["Content-Type"] == "image/png"
    assert Picture.open(io.BytesIO(answer.content)).size == (1200, 630)
    assert f"{page.full_url}share/" in text(client.get(page.url))


# Friends


def claim(client, page, advocate, **data):
    view = client.get(f"{page.url}with/{advocate.display_code}/")
    return send(client, view, **{"email": "bo@example.org", "terms": "on", **data})


def test_the_friend_of_a_partners_link_gets_the_partners_offer(client, partner):
    offer = Offer.objects.create(name="P", kind="percent", amount=25, wording="A quarter off")
    Advocate.objects.filter(pk=partner.advocate_id).update(friend_offer=offer)
    page = PartnerPage.objects.get()
    landing = client.get(f"{page.url}with/{partner.advocate.display_code}/")
    assert "A quarter off" in text(landing)
    assert landing["X-Robots-Tag"] == "noindex"
    thanks = client.get(claim(client, page, partner.advocate).url)
    assert thanks.context["coupon"] == Coupon.objects.get()
    assert Coupon.objects.get().amount == 25


def test_somebody_elses_code_says_nothing_on_a_partners_page(client, partner, advocate):
    page = PartnerPage.objects.get()
    assert client.get(f"{page.url}with/{advocate.display_code}/").status_code == 404


def test_a_paused_partners_landing_page_is_closed(client, partner):
    from wagtail_referrals.partners.states import pause

    page = PartnerPage.objects.get()
    pause(partner)
    assert client.get(f"{page.url}with/{partner.advocate.display_code}/").status_code == 404
    assert client.get(page.url).status_code == 200


# Their own page


def test_a_partner_sees_their_link_and_what_came_of_it(client, partner):
    link = reverse("wagtail_referrals:link", args=[partner.advocate.display_code])
    client.get(link, HTTP_USER_AGENT=BROWSER)
    claim(Client(), PartnerPage.objects.get(), partner.advocate)
    own = client.get(own_page_path(partner))
    assert (own.context["numbers"].clicks, own.context["numbers"].leads) == (1, 1)
    assert partner.advocate.display_code in text(own)
    assert "bo@example.org" not in text(own)
    assert own["Referrer-Policy"] == "no-referrer"
    assert own["X-Robots-Tag"] == "noindex"
    assert "no-store" in own["Cache-Control"]
    assert not own.cookies
    code = client.get(own.context["code_url"])
    assert code["Content-Type"] == "image/svg+xml"


def test_a_link_that_is_forged_too_old_or_of_another_kind_opens_nothing(client, partner, settings):
    path = own_page_path(partner)
    edit = f"{path}edit/"
    for wrong in (f"{path[:-4]}abc/", join_path(partner).replace("join/", "")):
        answer = client.get(wrong)
        assert answer.status_code == 404
        assert "new link" in text(answer)
        assert client.post(wrong, {"change": "pause"}).status_code == 404
    settings.WAGTAIL_REFERRALS = {**settings.WAGTAIL_REFERRALS, "TOKEN_DAYS": 0}
    assert client.get(path).status_code == client.get(edit).status_code == 404
    partner.refresh_from_db()
    assert partner.state == "active"


def test_a_partner_pauses_and_goes_on(client, partner):
    path = own_page_path(partner)
    for _twice in range(2):
        assert client.post(path, {"change": "pause"}).status_code == 303
    partner.refresh_from_db()
    assert (partner.state, partner.advocate.state) == ("paused", "paused")
    client.post(path, {"change": "resume"})
    partner.refresh_from_db()
    assert (partner.state, partner.advocate.state) == ("active", "active")


def test_what_we_paused_the_partner_cannot_take_up_again(client, partner):
    from wagtail_referrals.partners.states import pause

    pause(partner, reason="No answer for months")
    client.post(own_page_path(partner), {"change": "resume"})
    partner.refresh_from_db()
    assert partner.state == "paused"
    mail = compose(Message.objects.get(kind="partner_state"))
    assert "paused" in mail.subject
    assert "No answer" not in mail.body


def test_a_partner_that_has_ended_gets_in_no_more(client, partner):
    from wagtail_referrals.partners.states import end

    path = own_page_path(partner)
    end(partner)
    assert client.get(path).status_code == 404
    assert "ended" in text(client.get(path))


def test_what_a_partner_changes_is_a_draft_until_an_editor_publishes_it(client, partner):
    page = PartnerPage.objects.get()
    edit = client.get(f"{own_page_path(partner)}edit/")
    assert edit.context["form"]["summary"].value() == ANSWERS["summary"]
    answer = send(client, edit, summary="Something new", logo=png())
    assert answer.status_code == 303
    assert "look at what you changed" in text(client.get(answer.url))
    assert ANSWERS["summary"] in text(client.get(page.url))
    page = publish(page)
    assert "Something new" in text(client.get(page.url))
    assert page.logo is not None
    assert page.title == "Harbour Bicycles"


def test_a_profile_whose_page_was_deleted_is_not_to_be_edited(client, partner):
    PartnerPage.objects.get().delete()
    answer = client.get(f"{own_page_path(partner)}edit/")
    assert answer.status_code == 404
    assert "taken down" in text(answer)
    assert client.get(own_page_path(partner)).status_code == 200


def test_a_locked_page_is_not_changed_by_its_partner(client, partner):
    PartnerPage.objects.update(locked=True)
    before = PartnerPage.objects.get().latest_revision_id
    edit = client.get(f"{own_page_path(partner)}edit/")
    assert send(client, edit, summary="Something new").status_code == 200
    assert PartnerPage.objects.get().latest_revision_id == before


def test_a_new_link_is_mailed_and_the_answer_tells_nobody_apart(client, partner):
    Message.objects.all().delete()
    answers = set()
    for email in ("cem@example.org", "nobody@example.org"):
        form = client.get(reverse("wagtail_referrals:partner_renew"))
        answer = send(client, form, email=email)
        answers.add((answer.status_code, answer.url, text(client.get(answer.url))))
    assert len(answers) == 1
    mail = compose(Message.objects.get())
    own = re.search(r"/refer/partner/[^\s]+", mail.body)[0]
    assert client.get(own).status_code == 200


def test_no_page_of_somebody_who_was_erased_is_shown(client, partner):
    from wagtail_referrals.people.erase import erase_person

    path = own_page_path(partner)
    erase_person(partner.person, reason="asked")
    assert client.get(path).status_code == 404


def test_errors_are_listed_in_the_order_of_the_page():
    form = JoinForm({})
    on_page = [name for _legend, names in form.fieldsets for name in names]
    assert list(form.errors) == [name for name in on_page if name in form.errors]
