"""What every page of a program has."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from ..conf import setting
from ..programs.models import Program, load_program
from ..programs.variants import offers_for_anybody


class FormPageMixin(models.Model):
    """A page that belongs to a program in whatever way, and receives forms."""

    # The way from the page to its program.
    program_path: ClassVar[str] = "program"
    # The forms besides its main one. The code of such a form is its name, or "name:token"; the
    # method ``receive_<name>(request, token=…, too_many=…)`` answers it, and it is shown at
    # ``<name>/`` or ``<name>/<token>/``.
    more_forms: ClassVar[frozenset[str]] = frozenset(["introduce", "join", "came"])
    program_id: int | None

    class Meta:
        abstract = True

    @cached_property
    def loaded_program(self) -> Program | None:
        """The program with all that a page shows of it, by one query."""
        return load_program(self.program_id) if self.program_id else None

    @property
    def is_open(self) -> bool:
        """Whether its program runs."""
        return bool(self.loaded_program and self.loaded_program.is_open())

    @property
    def is_full(self) -> bool:
        """Whether its program runs, but has nothing left to give to friends."""
        return bool(self.loaded_program and self.loaded_program.full_since)

    def form_action(self, code: str = "") -> str:
        """Where its form is sent to: an address without CSRF token, so the page can be cached."""
        content_type = ContentType.objects.get_for_model(type(self), for_concrete_model=False)
        args = [content_type.pk, self.pk or 0, *([code] if code else [])]
        return reverse("wagtail_referrals:post", args=args)

    def form_address(self, request: HttpRequest, code: str = "") -> str:
        """Where its form is shown."""
        _form, _colon, token = code.partition(":")
        parts = [self.form_of(code), token] if self.form_of(code) else []
        return self.address(request, *filter(None, parts))

    def form_of(self, code: str) -> str:
        """The name of the form that a code is of; "" for the main one."""
        name = code.partition(":")[0]
        return name if name in self.more_forms and hasattr(self, f"receive_{name}") else ""

    def address(self, request: HttpRequest, *parts: str) -> str:
        """The page's own address and what follows it."""
        page: Any = self
        program = self.loaded_program
        # The program's site is at hand; asking for the request's would cost a query.
        url = page.relative_url(program.site) if program else page.get_url(request)
        url = url or "/"
        return url + "".join(f"{part}/" for part in parts)

    def root_url(self, request: HttpRequest) -> str:
        """The site's address, without a slash."""
        program = self.loaded_program
        return str(program.site.root_url) if program else f"{request.scheme}://{request.get_host()}"

    def receive(self, request: HttpRequest, *, code: str, too_many: bool) -> HttpResponse:
        """Answer a form that was sent."""
        name = self.form_of(code)
        if not name:
            raise Http404
        response: HttpResponse = getattr(self, f"receive_{name}")(
            request, token=code.partition(":")[2], too_many=too_many
        )
        return response

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)  # type: ignore[misc]
        program = self.loaded_program
        friend_offer, advocate_offer = offers_for_anybody(program) if program else (None, None)
        context.update(
            referrals_base=setting("BASE_TEMPLATE"),
            program=program,
            terms=program.terms if program else "",
            friend_offer=friend_offer,
            advocate_offer=advocate_offer,
        )
        return context


class ProgramPageMixin(FormPageMixin):
    """A page whose editor says which program it belongs to."""

    program = models.ForeignKey(
        Program,
        verbose_name=_("program"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Whose offers and terms it shows."),
    )

    program_panels = [FieldPanel("program")]

    class Meta:
        abstract = True
