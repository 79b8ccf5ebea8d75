"""Programs: whom they are for, what both get, and what is still missing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db import transaction
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    MultiFieldPanel,
    ObjectList,
    Panel,
    TitleFieldPanel,
)
from wagtail.admin.widgets import AdminPageChooser, SlugInput
from wagtail.models import get_page_models
from wagtail.templatetags.wagtailcore_tags import richtext

from ..feedback.fairness import HIDES_REWARD
from ..pages.program_page import ProgramPageMixin
from ..programs.disclosure import hides_reward
from ..programs.models import Program
from ..programs.money import format_money
from ..referrals.risk import FLAGS
from ..rewards.defaults import create_default_rules
from ..rewards.limits import Limit, budget_of, read_used
from ..rewards.rule_models import RewardRule, RuleState
from .setup import SetupAdmin, SetupCreateView, SetupEditView, SetupInspectView


def landing_page_models() -> list[type]:
    """The page types a friend can be led to."""
    return [model for model in get_page_models() if getattr(model, "is_landing_page", False)]


def pages_of(program: Program, user: Any) -> list[dict[str, Any]]:
    """The pages that belong to a program, with their editors for who may edit them."""
    return [
        {
            "page": page,
            "edit_url": reverse("wagtailadmin_pages:edit", args=[page.pk])
            if page.permissions_for_user(user).can_edit()
            else "",
        }
        for model in get_page_models()
        if issubclass(model, ProgramPageMixin)
        for page in model._default_manager.filter(program=program)[:20]
    ]


def flag_choices() -> list[tuple[str, str]]:
    """What can look wrong, and why it may."""
    return [(key, f"{flag.label}: {flag.explanation}") for key, flag in FLAGS.items()]


def week_days() -> list[tuple[str, Any]]:
    """The days of a week, as they are stored: 0 is Monday."""
    return [(str(day), name) for day, name in WEEKDAYS.items()]


class ProgramForm(WagtailAdminModelForm):
    """A landing page has to be one, and of this program."""

    risk_off = forms.MultipleChoiceField(
        label=_("Not looked at"),
        choices=flag_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Any of these holds a reward until somebody looked at it. Tick what should not."
        ),
    )

    working_days = forms.MultipleChoiceField(
        label=_("Working days"), choices=week_days, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "working_days" in self.fields:
            self.initial["working_days"] = list(self.instance.working_days)

    def clean_working_days(self) -> str:
        return "".join(sorted(self.cleaned_data["working_days"]))

    def clean_landing_page(self) -> Any:
        page = self.cleaned_data["landing_page"]
        if page is None:
            return None
        specific = page.specific
        if not getattr(specific, "is_landing_page", False):
            self.add_error("landing_page", gettext("Choose a page that friends can land on."))
        elif specific.program_id not in (None, self.instance.pk):
            self.add_error("landing_page", gettext("This page belongs to another program."))
        return page


def program_panels(*, new: bool) -> list[Panel]:
    """The form. A slug follows the name only at first: shops call the program by it."""
    name = TitleFieldPanel("name", placeholder=False) if new else FieldPanel("name")
    return [
        MultiFieldPanel(
            [
                name,
                FieldPanel("slug", widget=SlugInput),
                FieldRowPanel([FieldPanel("site"), FieldPanel("audience")]),
                FieldPanel(
                    "currency",
                    help_text=_("Three letters, like EUR. Orders and rewards are counted in it."),
                ),
            ],
            heading=_("The program"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("friend_offer", help_text=_("What a friend gets for coming.")),
                FieldPanel(
                    "advocate_offer", help_text=_("What an advocate gets when the friend buys.")
                ),
            ],
            heading=_("What both get"),
            help_text=_("Make the offers first, under Referrals, Setup, Offers."),
        ),
        MultiFieldPanel(
            [
                FieldPanel("is_active", help_text=_("Without the tick nobody can claim or earn.")),
                FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]),
            ],
            heading=_("When it runs"),
        ),
        FieldPanel("groups", widget=CheckboxSelectMultiple, heading=_("Who may see it")),
        MultiFieldPanel(
            [
                FieldPanel(
                    "attribution_model",
                    help_text=_("When two people recommended you to the same friend."),
                ),
                FieldRowPanel([FieldPanel("attribution_window_days"), FieldPanel("hold_days")]),
            ],
            heading=_("Who earns, and when"),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("budget_amount"), FieldPanel("budget_rewards")]),
                FieldPanel("notify_email"),
                FieldPanel("weekly_digest"),
            ],
            heading=_("How much there is to give"),
            help_text=_("What comes back by refunds can be given again."),
        ),
        MultiFieldPanel(
            [
                FieldPanel("working_days"),
                FieldRowPanel([FieldPanel("working_from"), FieldPanel("working_to")]),
            ],
            heading=_("When somebody is there"),
            help_text=_("What is to be followed up is due in these hours."),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("mail_from_name"), FieldPanel("mail_from")]),
                FieldPanel("mail_reply_to"),
                FieldRowPanel([FieldPanel("quiet_from"), FieldPanel("quiet_to")]),
            ],
            heading=_("Mails"),
            help_text=_(
                "In the quiet hours mails wait, by the clock of whoever reads them. What somebody "
                "has just asked for does not. Both empty: no quiet hours."
            ),
        ),
        FieldPanel("days_between_asks", heading=_("How often people are asked")),
        FieldPanel("risk_off", heading=_("What looks wrong")),
        MultiFieldPanel(
            [FieldPanel("mails_to_friends")],
            heading=_("Mail to friends"),
            help_text=_(
                "It is off for a reason: mail that the reader did not ask for is forbidden or "
                "risky in many countries, whoever had the idea, and your domain's good name is at "
                "stake. With the tick: one mail and one reminder for each friend, named, limited "
                "by day and hour, with a way to say no, never to who asked not to be contacted."
            ),
        ),
        MultiFieldPanel(
            [
                FieldPanel("terms", help_text=_("Visitors read and accept them as they stand.")),
                FieldPanel("share_text"),
                FieldPanel(
                    "landing_page", widget=AdminPageChooser(target_models=landing_page_models())
                ),
            ],
            heading=_("What visitors read"),
        ),
    ]


class ProgramCreateView(SetupCreateView):
    def get_edit_handler(self) -> Any:
        return self.model_admin.program_handler(new=True).bind_to_model(Program)

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            response = super().form_valid(form)
            create_default_rules(self.instance)
        return response

    def get_success_url(self) -> str:
        """To its own screen, which says what comes next."""
        url: str = self.url_helper.get_action_url("edit", self.instance.pk)
        return url

    def get_success_message(self, instance: Program) -> str:
        return gettext("Program “%(name)s” is there, with three reward rules to begin with.") % {
            "name": instance
        }

    def get_success_message_buttons(self, instance: Program) -> list[Any]:
        return []


class ProgramNotes:
    """What is missing, and where it is shown."""

    instance: Program
    request: HttpRequest

    @cached_property
    def pages(self) -> list[dict[str, Any]]:
        return pages_of(self.instance, self.request.user)

    @property
    def missing(self) -> list[str]:
        missing = list(self.instance.missing)
        if not self.pages:
            missing.append(gettext("No page shows it yet."))
        if not self.instance.rules.filter(state=RuleState.ACTIVE).exists():
            missing.append(gettext("It has no active reward rule, so nobody gets anything."))
        return missing

    @property
    def hides_reward(self) -> Any:
        """What is wrong with the program's words to share, or ""."""
        return HIDES_REWARD if hides_reward(self.instance) else ""

    @property
    def budgets(self) -> list[str]:
        """How much of each budget is used."""
        limits = budget_of(self.instance)
        used = read_used(limit.key for limit in limits) if limits else {}
        return [self._budget(limit, used.get(limit.key, Decimal(0))) for limit in limits]

    def _budget(self, limit: Limit, used: Decimal) -> str:
        if limit.measure == "count":
            words = gettext("%(used)d of %(most)d rewards are granted.")
            return words % {"used": used, "most": limit.most}
        currency = self.instance.currency
        return gettext("%(used)s of %(most)s are granted.") % {
            "used": format_money(used, currency),
            "most": format_money(limit.most, currency),
        }

    @property
    def dry_rules(self) -> list[RewardRule]:
        """The active rules that have nothing left to give."""
        rules = self.instance.rules.filter(state=RuleState.ACTIVE)
        return list(rules.exclude(dry_since=None))


class ProgramEditView(ProgramNotes, SetupEditView):
    pass


class ProgramInspectView(ProgramNotes, SetupInspectView):
    def get_field_display_value(self, field_name: str, field: Any = None) -> Any:
        if field_name == "terms":
            return richtext(self.instance.terms)
        return super().get_field_display_value(field_name, field)


class ProgramAdmin(SetupAdmin):
    model = Program
    menu_label = _("Programs")
    menu_icon = "clipboard-list"
    create_view_class = ProgramCreateView
    edit_view_class = ProgramEditView
    inspect_view_class = ProgramInspectView
    edit_template_name = "wagtail_referrals/admin/program_edit.html"
    inspect_template_name = "wagtail_referrals/admin/program_inspect.html"
    list_display = ("name", "state", "friend_gets", "advocate_gets", "starts_at", "ends_at")
    list_filter = ("is_active", "audience")
    list_export = ("name", "slug", "state", "friend_gets", "advocate_gets", "starts_at", "ends_at")
    list_select_related = ("friend_offer", "advocate_offer", "site")
    search_fields = ("name", "slug")
    inspect_view_fields = [
        "name",
        "slug",
        "site",
        "audience",
        "currency",
        "friend_offer",
        "advocate_offer",
        "starts_at",
        "ends_at",
        "attribution_model",
        "attribution_window_days",
        "hold_days",
        "budget_amount",
        "budget_rewards",
        "notify_email",
        "days_between_asks",
        "terms",
        "share_text",
        "landing_page",
    ]
    empty_text = _(
        "A program says what a friend gets for coming and what an advocate gets for sending them."
    )
    instead_of_deleting = _("Take the tick from “running” instead: what happened stays readable.")

    def program_handler(self, *, new: bool) -> ObjectList:
        return ObjectList(program_panels(new=new), base_form_class=ProgramForm)

    def get_edit_handler(self) -> ObjectList:
        return self.program_handler(new=False)

    def state(self, program: Program) -> str:
        """Running, or what keeps it from that."""
        if program.is_open():
            return gettext("running")
        return gettext("not running")

    state.short_description = _("State")  # type: ignore[attr-defined]

    def friend_gets(self, program: Program) -> str:
        return program.friend_offer.headline if program.friend_offer else ""

    friend_gets.short_description = _("Friend gets")  # type: ignore[attr-defined]

    def advocate_gets(self, program: Program) -> str:
        return program.advocate_offer.headline if program.advocate_offer else ""

    advocate_gets.short_description = _("Advocate gets")  # type: ignore[attr-defined]
