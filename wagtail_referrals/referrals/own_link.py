"""The address of an advocate's own page."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse

from ..lookups import Lookup
from ..people.models import Person
from ..programs.models import Program
from ..tokens import make_token, read_token
from .models import Advocate

OWN_PAGE = "advocate"


def own_page_path(advocate: Advocate) -> str:
    """Where they see what is theirs; the address holds for TOKEN_DAYS."""
    return reverse("wagtail_referrals:me", args=[make_token(OWN_PAGE, advocate.pk)])


def own_page_url(advocate: Advocate) -> str:
    """The same, absolute."""
    return f"{advocate.program.site.root_url}{own_page_path(advocate)}"


def advocates_with_pages() -> QuerySet[Advocate]:
    """Advocates with all that their pages need of them; nobody who was erased."""
    advocates = Advocate.objects.select_related(
        "person",
        "partner",
        "friend_offer",
        "program__site",
        "program__friend_offer",
        "program__advocate_offer",
    )
    return advocates.filter(person__erased_at=None)


_with_page = Lookup(lambda: advocates_with_pages().order_by(), "pk")


def find_by_token(token: str) -> Advocate | None:
    """The advocate such an address belongs to; None for one that is forged or too old.

    Also for who was erased.
    """
    key = read_token(OWN_PAGE, token)
    return _with_page.first(key) if key else None


def pages_of_user(user_id: int) -> QuerySet[Advocate]:
    """The memberships of whoever this account belongs to, the latest first."""
    return advocates_with_pages().filter(person__user=user_id).order_by("-pk")


def membership(program: Program, person: Person) -> Advocate | None:
    """Whether somebody is an advocate of a program, and as which."""
    found = Advocate.objects.filter(program=program, person=person)
    offers = ("friend_offer", "program__friend_offer", "program__advocate_offer")
    return found.select_related("person", "program__site", *offers).first()
