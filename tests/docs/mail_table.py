"""The table of mails and their fields in docs/mails.md. Run it to write the table anew:

DJANGO_SETTINGS_MODULE=tests.settings python -m tests.docs.mail_table
"""

from pathlib import Path

BEGIN, END = "<!-- mails: begin -->\n", "<!-- mails: end -->\n"
PAPER = Path(__file__).resolve().parents[2] / "docs/mails.md"


def mail_table() -> str:
    """Every kind: what it is, its key, what it can name."""
    from django.utils import translation

    from wagtail_referrals.messages.kinds import COMMON, FLAG, LINK, LIST, mail_kinds

    common = {field.name for field in COMMON}
    lines = ["| mail | key | fields | links | only for conditions |", "|---|---|---|---|---|"]
    with translation.override("en"):
        for key, kind in sorted(mail_kinds().items()):
            own = [field for name, field in kind.named.items() if name not in common]
            columns = [
                str(kind.label),
                f"`{key}`",
                ", ".join(f"`{one.name}`" for one in own if one.form not in (LINK, FLAG, LIST)),
                ", ".join(f"`{one.name}`" for one in own if one.form == LINK),
                ", ".join(f"`{one.name}`" for one in own if one.form == FLAG),
            ]
            lines.append(f"| {' | '.join(columns)} |")
    return "\n".join(lines) + "\n"


def written() -> str:
    """The paper with the table as it has to be."""
    text = PAPER.read_text()
    before, rest = text.split(BEGIN)
    _old, after = rest.split(END)
    return f"{before}{BEGIN}{mail_table()}{END}{after}"


if __name__ == "__main__":
    import django

    django.setup()
    PAPER.write_text(written())
