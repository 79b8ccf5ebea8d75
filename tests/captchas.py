"""Stand-ins for a captcha: what its package's field does, without a network."""

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html


class StandInWidget(forms.Widget):
    """Like a real one's: the solution comes under a name of its own."""

    def value_from_datadict(self, data, files, name):
        return data.get("stand-in-response")

    def render(self, name, value, attrs=None, renderer=None):
        return format_html('<div class="stand-in"{}></div>', flatatt(attrs or {}))


class StandInField(forms.Field):
    """“solved” is right, once; “down” finds no server."""

    widget = StandInWidget
    asked: list[str] = []
    default_error_messages = {"required": "Prove it.", "wrong": "That was wrong."}

    def validate(self, value):
        super().validate(value)
        self.asked.append(value)
        if value == "down":
            raise OSError("nobody answers")
        if value != "solved" or self.asked.count("solved") > 1:
            raise forms.ValidationError(self.error_messages["wrong"])


class WithoutTemplate(forms.Field):
    class widget(forms.Widget):
        template_name = "of/an/app/that/is/not/installed.html"


class NotAField:
    pass
