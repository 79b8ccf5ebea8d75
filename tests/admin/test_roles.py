"""Role × screen: who has no permission gets nothing of it, and a group's program is the group's.

The addresses come from the URL resolver, so that a new screen cannot be forgotten: one that these
tests do not know how to fill in fails them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from wagtail import hooks
from wagtail.admin.menu import SubmenuMenuItem
from wagtail.models import GroupApprovalTask, Workflow, WorkflowTask

from wagtail_referrals.admin.links import RECORDS, SETUP
from wagtail_referrals.admin.menu import referrals_menu
from wagtail_referrals.feedback.case_models import Case
from wagtail_referrals.feedback.testimonial_models import Testimonial
from wagtail_referrals.messages.template_models import MessageTemplate
from wagtail_referrals.partners.collateral_models import Collateral
from wagtail_referrals.partners.introduction_models import Introduction
from wagtail_referrals.partners.models import Partner
from wagtail_referrals.people.models import Person
from wagtail_referrals.programs.models import Program

from .conftest import Story, staff

MODELS = {name: model for model, name in {**RECORDS, **SETUP}.items()}
# Screens that are of no object, or show the site's own things to whoever has the permission.
SEEN_WITHOUT_A_PROGRAM = {"offers", "pools", "topics"}
SEEING = {"index", "results", "inspect", "history", "cards", "qr", "report", "views", "file"}
# Testimonials have Wagtail's own screens, with Wagtail's names.
SEEING |= {"list", "list_results", "history_results", "board"}
SEEING |= {"confirm_workflow_cancellation"}  # a question without a word of the object
SEEING |= {"choose", "choose_results", "chosen", "chosen_multiple"}
# In the place of one of Wagtail's: tests/admin/test_submissions.py and test_kept_sites.py.
ELSEWHERE = {"admin/forms/submissions/<int:page_id>/delete/", "admin/sites/delete/<int:pk>/"}
KEY = re.compile(r"<(?:int|str):pk>|\(\?P<instance_pk>\[-\\w\]\+\)|\(\?P<pk>\.\+\)")
# A link or a form to a screen of ours, and what it does there.
LINK = re.compile(r'(?:href|action)="/admin/referrals/(\w+)/([a-z_]+)/')


@dataclass(frozen=True)
class Screen:
    """An address of ours, with the key of a real object in it where it is about one."""

    part: str
    action: str
    address: str
    of_object: bool


def patterns(found: Any, before: str = "") -> Iterator[tuple[str, Any, str]]:
    for pattern in found:
        here = before + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern):
            yield here, pattern.callback, pattern.name or ""


def screens() -> list[Screen]:
    found = []
    for pattern, view, name in patterns(get_resolver().url_patterns):
        module = getattr(getattr(view, "view_class", view), "__module__", "")
        is_ours = module.startswith("wagtail_referrals") and pattern not in ELSEWHERE
        if pattern.startswith("admin/") and is_ours:
            assert pattern.startswith("admin/referrals/"), f"{pattern} is ours and not tested"
        if pattern.startswith("admin/referrals/"):
            found.append(_screen(pattern, name))
    others = {"dashboard", "leaders", "why", "nps", "starters", "stored"}
    assert {screen.part for screen in found} <= {*MODELS, *others}
    return found


def _screen(pattern: str, name: str) -> Screen:
    part, _slash, rest = pattern.removeprefix("admin/referrals/").partition("/")
    action = rest.partition("/")[0].rstrip("$") or "index"
    if part in WITH_DRAFTS:
        action = name
        for parameter, value in WITH_DRAFTS[part]().items():
            pattern = pattern.replace(parameter, value)
    of_object = bool(KEY.search(pattern))
    if of_object:
        objects = MODELS[part]._default_manager.order_by("pk")
        if (part, action) == ("rewards", "issue"):
            objects = objects.filter(state="pending")
        target = objects.first()
        assert target is not None, f"the story of the tests has no {part}"
        pattern = KEY.sub(str(target.pk), pattern)
    address = f"/{pattern.removesuffix('$')}"
    assert not re.search(r"[<>()\\]", address), f"nobody says what {address} is called with"
    return Screen(part, action, address, of_object)


def parameters() -> dict[str, str]:
    """What else stands in the addresses of Wagtail's drafts and workflows."""
    waiting = Testimonial.objects.get().current_workflow_task_state
    return {
        "<int:revision_id>": str(waiting.revision_id),
        "<int:task_id>": str(waiting.task_id),
        "<int:task_state_id>": str(waiting.pk),
        "<int:workflow_state_id>": str(waiting.workflow_state_id),
        "<slug:action_name>": "approve",
        r"(?P<revision_id_a>live|earliest|\d+)\.\.\.(?P<revision_id_b>live|latest|\d+)/$": (
            "earliest...latest/"
        ),
    }


def parameters_of_mails() -> dict[str, str]:
    """The same where there is no workflow."""
    return {
        "<int:revision_id>": str(MessageTemplate.objects.get().latest_revision_id),
        r"(?P<revision_id_a>live|earliest|\d+)\.\.\.(?P<revision_id_b>live|latest|\d+)/$": (
            "earliest...latest/"
        ),
    }


# The parts that have Wagtail's own screens, with Wagtail's names.
WITH_DRAFTS = {"testimonials": parameters, "mails": parameters_of_mails}


@pytest.fixture(autouse=True)
def _waiting(request: pytest.FixtureRequest) -> None:
    """The testimonial is on a page, and a change of it waits for approval by the editors."""
    if "story" not in request.fixturenames:
        return
    request.getfixturevalue("story")
    testimonial = Testimonial.objects.get()
    testimonial.save_revision().publish()
    workflow = Workflow.objects.create(name="Two eyes")
    task = GroupApprovalTask.objects.create(name="Look")
    task.groups.add(Group.objects.get_or_create(name="editor")[0])
    WorkflowTask.objects.create(workflow=workflow, task=task)
    testimonial.refresh_from_db()
    testimonial.save_revision()
    workflow.start(testimonial, None)


def bulk_addresses() -> list[str]:
    """Wagtail's bulk actions for our models."""
    found = []
    for action in hooks.get_hooks("register_bulk_action"):
        for model in action.models:
            # Wagtail's for snippets, which ours take away: tests/admin/test_testimonials.py.
            taken_away = (Testimonial, MessageTemplate)
            if model._meta.app_label == "wagtail_referrals" and model not in taken_away:
                name = f"{model._meta.app_label}/{model._meta.model_name}/{action.action_type}"
                keys = "&".join(f"id={key}" for key in model.objects.values_list("pk", flat=True))
                found += [f"/admin/bulk/{name}/?{keys}", f"/admin/bulk/{name}/?id=all"]
    return found


def everything() -> str:
    """All rows of ours: the same text means that nothing was changed."""
    rows = {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_app_config("wagtail_referrals").get_models()
    }
    return json.dumps(rows, default=str)


def secrets_of(story: Story) -> list[str]:
    """What nobody without permission may read on any screen."""
    assert story.claim.coupon
    return [
        "ann@example.org",
        "Ann Advocate",
        "bo@example.org",
        "Friends of Harbour Coffee",
        "The advocate&#x27;s thank-you",
        "1001",
        "Longer opening hours",
        "Cuppers Lane",
        "quin@example.org",
        story.advocate.display_code,
        story.claim.coupon.display_code,
    ]


def text_of(response: Any) -> str:
    content = response.streaming_content if response.streaming else [response.content]
    return b"".join(content).decode(errors="replace")


def leaked(response: Any, secrets: list[str]) -> list[str]:
    page = text_of(response)
    return [secret for secret in secrets if secret in page]


DATA = {"reason": "x", "sure": "on", "email": "new@example.org", "grade": "A", "tier": "gold"}


@pytest.fixture
def editor(db: None, django_user_model: Any) -> Client:
    """Every permission there is on what is ours."""
    return staff(django_user_model, "editor", ("view", "add", "change", "delete", "publish"))


@pytest.fixture
def of_a_group(story: Story) -> Group:
    """The story's program is a group's own, from now on."""
    group = Group.objects.create(name="Harbour team")
    story.program.groups.add(group)
    return group


def test_nobody_gets_in_without_an_account(story: Story, client: Client) -> None:
    secrets, before = secrets_of(story), everything()
    for screen in screens():
        for call in (client.get, client.post):
            response = call(screen.address)
            assert response.status_code == 302, screen
            assert response.url.startswith("/admin/login/"), screen  # type: ignore[attr-defined]
            assert not leaked(response, secrets)
    for address in bulk_addresses():
        assert client.post(address, DATA).url.startswith("/admin/login/")  # type: ignore[attr-defined]
    assert everything() == before


def test_who_may_use_the_admin_and_nothing_of_ours_sees_and_changes_nothing(
    story: Story, stranger: Client
) -> None:
    secrets, before = secrets_of(story), everything()
    for screen in screens():
        for response in (stranger.get(screen.address), stranger.post(screen.address, DATA)):
            assert response.status_code in (302, 403, 405), (screen, response.status_code)
            assert not leaked(response, secrets), screen
    for address in bulk_addresses():
        for response in (stranger.get(address), stranger.post(address, DATA)):
            assert response.status_code in (302, 403), address
            assert not leaked(response, secrets)
    assert everything() == before
    assert "/admin/referrals/" not in stranger.get("/admin/").content.decode()


def test_who_may_view_sees_all_and_changes_nothing(story: Story, viewer: Client) -> None:
    before = everything()
    for screen in screens():
        response = viewer.get(screen.address)
        assert (response.status_code == 200) == (screen.action in SEEING), screen
        posted = viewer.post(screen.address, DATA)
        if screen.action not in SEEING:
            assert posted.status_code in (302, 403, 405), (screen, posted.status_code)
    for address in bulk_addresses():
        assert viewer.post(address, DATA).status_code in (302, 403)
    assert everything() == before


# What an owner sets up, which who may add or delete some has to know by name.
SET_UP = {"Friends of Harbour Coffee", "The advocate&#x27;s thank-you"}
# Nobody deletes what they are not told.
DELETING = {"delete", "erase"}


@pytest.mark.parametrize("action", ["add", "delete"])
def test_who_may_only_add_or_delete_reads_of_nobody(
    story: Story, django_user_model: Any, action: str
) -> None:
    client = staff(django_user_model, "few", (action,))
    secrets = [secret for secret in secrets_of(story) if secret not in SET_UP]
    make_all_due()
    told = {
        (screen.part, screen.action, *leaked(client.get(screen.address), secrets))
        for screen in screens()
        if screen.action not in DELETING
    }
    assert not {found for found in told if found[2:]}
    assert not leaked(client.get("/admin/"), secrets)


def make_all_due() -> None:
    """So that the panels of the home page have something to say."""
    today = timezone.localdate()
    Partner.objects.update(next_contact_on=today)
    Introduction.objects.update(stage="contacted", next_step="Ring Bo", next_step_on=today)
    Collateral.objects.update(valid_until=today - timedelta(days=1))
    Case.objects.update(due_at=timezone.now() - timedelta(days=1))


@pytest.mark.parametrize("action", ["view", "change"])
def test_who_may_view_or_change_reads_what_is_due(
    story: Story, django_user_model: Any, action: str
) -> None:
    make_all_due()
    home = staff(django_user_model, "few", (action,)).get("/admin/")
    assert leaked(home, ["Cuppers Lane", "Ring Bo", "Ann Advocate"])


def offered_to_do(client: Client) -> set[tuple[str, str]]:
    """What lists and records lead to besides looking: (part, action)."""
    shown = [screen for screen in screens() if screen.action in {"index", "list", "inspect"}]
    shown = [screen for screen in shown if screen.part in MODELS]
    assert {screen.part for screen in shown} == set(MODELS)
    pages = [(screen.part, text_of(client.get(screen.address))) for screen in shown]
    links = {found for _part, page in pages for found in re.findall(LINK, page)}
    buttons = {(part, "buttons") for part, page in pages if "referrals-actions" in page}
    return buttons | {(part, action) for part, action in links if action not in SEEING}


def test_who_may_all_is_led_to_what_there_is_to_do(story: Story, editor: Client) -> None:
    assert offered_to_do(editor) >= {
        ("rules", "create"),
        ("rewards", "void"),
        ("rewards", "buttons"),
        ("coupons", "reissue"),
    }


def test_nothing_leads_a_viewer_where_they_may_not_go(story: Story, viewer: Client) -> None:
    assert not offered_to_do(viewer)


@pytest.mark.parametrize("role", ["editor", "owner"])
def test_who_may_all_opens_every_screen(
    role: str, story: Story, request: pytest.FixtureRequest
) -> None:
    client: Client = request.getfixturevalue(role)
    for screen in screens():
        assert client.get(screen.address).status_code == 200, screen
    for address in bulk_addresses():
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("model", ["people", "rewards", "coupons", "rules"])
def test_one_model_s_permission_opens_that_model_s_screens_only(
    model: str, story: Story, django_user_model: Any
) -> None:
    from django.contrib.auth.models import Permission

    client = staff(django_user_model, "one")
    name = MODELS[model]._meta.model_name
    view = Permission.objects.get(codename=f"view_{name}")
    Group.objects.get(name="one").permissions.add(view)
    for screen in screens():
        own = screen.part == model or (screen.part in ("why", "stored") and model == "people")
        # Cards and QR codes are of coupons and of their batches: both are asked for.
        if own and screen.action in SEEING - {"cards"}:
            assert client.get(screen.address).status_code == 200, screen
        elif not own:
            assert client.get(screen.address).status_code != 200, screen


def menu_entries(client: Client, username: str) -> dict[str, str]:
    """The addresses of the menu's entries for somebody, by their names."""
    request = RequestFactory().get("/admin/")
    request.user = get_user_model().objects.get(username=username)
    items = list(referrals_menu().menu_items_for_request(request))
    entries = [item for item in items if not isinstance(item, SubmenuMenuItem)]
    for item in items:
        if isinstance(item, SubmenuMenuItem):
            entries += item.menu.menu_items_for_request(request)
    return {entry.name: entry.url for entry in entries}


LOOKED_AT = {"dashboard", "stored", "to-approve", "why", "nps", "leaders"}


@pytest.mark.parametrize("action", ["view", "change", "add", "delete"])
def test_no_entry_of_the_menu_leads_to_a_refusal(
    story: Story, django_user_model: Any, action: str
) -> None:
    client = staff(django_user_model, "one", (action,))
    entries = menu_entries(client, "one")
    refused = {name for name, url in entries.items() if client.get(url).status_code != 200}
    assert entries and not refused
    assert entries.keys() & LOOKED_AT == (LOOKED_AT if action in ("view", "change") else set())


def test_a_group_s_program_is_nobody_else_s(
    story: Story, editor: Client, of_a_group: Group
) -> None:
    secrets, before = secrets_of(story), everything()
    for screen in screens():
        response = editor.get(screen.address)
        assert not leaked(response, secrets), screen
        if screen.part in SEEN_WITHOUT_A_PROGRAM:
            continue
        assert response.status_code == (404 if screen.of_object else 200), screen
        if screen.of_object:
            assert editor.post(screen.address, DATA).status_code in (404, 405), screen
    for address in bulk_addresses():
        for response in (editor.get(address), editor.post(address, DATA)):
            assert not leaked(response, secrets), address
    assert everything() == before


def test_nor_do_searches_filters_and_exports_know_of_it(
    story: Story, editor: Client, of_a_group: Group
) -> None:
    secrets = secrets_of(story)
    assert story.claim.coupon
    ann = Person.objects.get(email="ann@example.org")
    asked = [
        f"q={term}"
        for term in ("ann@example.org", "1001", story.claim.coupon.code_key, "Ann", "Fr")
    ]
    asked += [f"program={story.program.pk}", "export=csv", "state=held", f"person={ann.pk}"]
    for part in sorted({screen.part for screen in screens()}):
        for query in asked:
            response = editor.get(f"/admin/referrals/{part}/?{query}", follow=True)
            assert response.status_code == 200, (part, query)
            # A search says again what was searched for.
            told = [secret for secret in leaked(response, secrets) if secret not in query]
            assert not told, (part, query, told)


def test_its_own_group_sees_it(story: Story, editor: Client, of_a_group: Group) -> None:
    for group in Group.objects.filter(name="editor"):
        story.program.groups.add(group)
    for screen in screens():
        assert editor.get(screen.address).status_code == 200, screen


def test_superusers_see_every_program(story: Story, owner: Client, of_a_group: Group) -> None:
    for screen in screens():
        assert owner.get(screen.address).status_code == 200, screen


def test_who_is_in_two_programs_shows_one_to_those_of_one(
    story: Story, editor: Client, of_a_group: Group, django_user_model: Any
) -> None:
    other = tell_elsewhere(story)
    ann = Person.objects.get(email="ann@example.org")
    for address in (
        f"/admin/referrals/people/inspect/{ann.pk}/",
        f"/admin/referrals/why/?person={ann.pk}",
    ):
        page = text_of(editor.get(address))
        assert other.name in page, address
        assert "Friends of Harbour Coffee" not in page, address
        assert story.advocate.display_code not in page, address


def tell_elsewhere(story: Story) -> Program:
    """Ann recommends in another program, too."""
    from tests.fixtures import make_program
    from wagtail_referrals.referrals.join import join_program

    other = make_program("others", name="Everybody's program")
    join_program(other, Person.objects.get(email="ann@example.org"))
    other.name = "Everybodys program"
    other.save()
    return other


def test_a_page_offers_its_editor_only_programs_they_see(
    story: Story, editor: Client, of_a_group: Group, django_user_model: Any
) -> None:
    from wagtail_referrals.pages.models import ReferralPage

    other = tell_elsewhere(story)
    user = django_user_model.objects.get(username="editor")
    form_class = ReferralPage.get_edit_handler().get_form_class()

    def offered(page: Any) -> list[Any]:
        return list(form_class(instance=page, for_user=user).fields["program"].queryset)

    assert offered(ReferralPage()) == [other]
    # What a page has, it keeps when somebody else saves it.
    assert set(offered(story.landing)) == {other, story.program}


def test_without_groups_it_costs_one_question_to_know_who_sees_what(
    story: Story, viewer: Client, django_user_model: Any, django_assert_num_queries: Any
) -> None:
    from wagtail_referrals.programs.access import hidden_programs

    user = django_user_model.objects.get(username="viewer")
    with django_assert_num_queries(1):
        assert hidden_programs(user) == frozenset()
        assert hidden_programs(user) == frozenset()


def test_nor_does_a_rule_s_sentence_tell_of_it(
    story: Story, editor: Client, owner: Client, of_a_group: Group
) -> None:
    typed = {"program": story.program.pk, "trigger": "first_purchase", "advocate-what": "offer"}

    def page(client: Client) -> str:
        return text_of(client.post("/admin/referrals/rules/create/", {**typed, "_update": ""}))

    assert "€10 off" in page(owner)
    assert "€10 off" not in page(editor)


def test_nor_does_the_coupons_list_offer_its_batches(
    story: Story, viewer: Client, owner: Client, of_a_group: Group
) -> None:
    assert "Flyers" in text_of(owner.get("/admin/referrals/coupons/"))
    assert "Flyers" not in text_of(viewer.get("/admin/referrals/coupons/"))
