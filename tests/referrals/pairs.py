"""Made-up pairs of advocate and friend: people who refer themselves, and honest ones.

Written from what people do, not from what the detector looks at; a seed makes them again.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

FIRST_TEXT = """
Adam Agnes Aisha Alan Albert Alex Alexandra Alice Amelie Amina Ana Anders Andrea Andrew Ann Anna
Anne Antonio Astrid Barbara Beatriz Ben Bernd Bjorn Bo Brigitte Carla Carlos Carmen Charlotte
Chen Chiara Chloe Christian Christina Claudia Clara Daniel David Deborah Diego Dirk Elena Elif
Elisabeth Emil Emily Emma Eric Erik Eva Fatima Felix Fiona Francesca Frank Frida Gabriel Georg
Giulia Grace Greta Hanna Hannah Hans Harry Heike Henrik Hugo Ida Ines Ingrid Isabel Jack Jakub
Jan Jana Jane Jean Jennifer Joao John Jonas Jose Julia Julian Jurgen Karin Karl Kasper Katarzyna
Katharina Kenji Kevin Klaus Lars Laura Lea Lena Leo Linda Lisa Louis Luca Lucia Lukas Magdalena
Marco Maria Marie Mark Markus Martin Mateo Matthias Max Mehmet Mei Mia Michael Miguel Mohammed
Nadia Natalia Nicolas Nina Noah Nora Olga Oliver Olivia Oscar Patricia Paul Pedro Petra Philip
Pierre Priya Rachel Ralf Rebecca Robert Rosa Ruth Sabine Samuel Sandra Sara Sarah Sebastian
Simon Sofia Sonja Stefan Stefanie Susanne Svenja Teresa Theo Thomas Tim Tom Ulrike Ursula Uwe
Valentina Vera Victor Viktoria Walter Wei Werner Yusuf Yuki Zoe
"""
FIRST = FIRST_TEXT.split()
LAST_TEXT = """
Adams Ahmed Allen Andersen Andersson Baker Bauer Becker Bell Berg Bernard Brown Carter Clark
Cohen Collins Cooper Costa Davies Dietrich Dubois Dupont Eriksson Evans Fernandes Fernandez
Ferrari Fischer Foster Fournier Fuchs Garcia Gomez Gonzalez Graham Green Gruber Gupta Hall
Hansen Harris Hartmann Hernandez Hoffmann Horvat Huber Hughes Ito Ivanova Jackson Jansen Jensen
Johansson Johnson Jones Jung Kaiser Kaya Keller Kelly Khan Kim King Klein Koch Kovacs Kowalski
Kraus Kumar Lange Larsen Lee Lefebvre Lehmann Lewis Li Lopez Maier Marino Martin Martinez Mayer
Meier Mendes Meyer Miller Moore Moreau Morgan Moretti Morris Muller Murphy Nakamura Neumann
Nguyen Nielsen Novak Nowak Oliveira Olsen Park Patel Pereira Peters Petrov Popescu Ricci Richter
Roberts Rodriguez Romano Rossi Roux Russo Sanchez Santos Sato Schmidt Schneider Schroder Schulz
Scott Silva Simon Singh Smith Sorensen Suzuki Svensson Tanaka Taylor Thomas Torres Turner Vogel
Wagner Walker Wang Watson Weber White Williams Wilson Winkler Wolf Wood Wright Yilmaz Young
Zhang Zimmermann
"""
LAST = LAST_TEXT.split()
FREE_TEXT = """
gmail.com outlook.com hotmail.com yahoo.com icloud.com gmx.de gmx.net web.de t-online.de aol.com
proton.me live.com orange.fr libero.it wp.pl yahoo.co.uk btinternet.com mail.ru
"""
FREE = FREE_TEXT.split()
FIRMS_TEXT = """
northwind.example acme.example harbour.example lumen.example brightly.example fabrikam.example
contoso.example oakandsons.example cityhall.example university.example
"""
FIRMS = FIRMS_TEXT.split()
THROWAWAY = [
    "mailinator.com",
    "yopmail.com",
    "guerrillamail.com",
    "trashmail.com",
    "10minutemail.com",
]
SHARED_TEXT = """
info office contact hello mail kontakt sales support team service
"""
SHARED = SHARED_TEXT.split()
NICKS = [
    "sunshine",
    "bookworm",
    "skipper",
    "moonlight",
    "coffeefan",
    "runner",
    "starlight",
    "gardener",
]


@dataclass(frozen=True)
class Pair:
    """``same_browser``: the friend claims in the browser the advocate used that day."""

    kind: str
    email: str
    name: str
    other: str
    same_browser: bool = False


@dataclass(frozen=True)
class Someone:
    first: str
    last: str
    local: str
    domain: str

    @property
    def email(self) -> str:
        return f"{self.local}@{self.domain}"


def local_of(rng: random.Random, first: str, last: str) -> str:
    """How people of that name call their mailbox."""
    first, last, number = first.lower(), last.lower(), str(rng.choice([rng.randint(1, 99), 1985]))
    styles: list[tuple[int, str]] = [
        (38, f"{first}.{last}"),
        (16, f"{first}{last}"),
        (9, f"{first}_{last}"),
        (9, f"{first}.{last}{number}"),
        (7, f"{first}{last}{number}"),
        (6, f"{last}.{first}"),
        (6, f"{first[0]}.{last}"),
        (5, f"{first}{number}"),
        (4, f"{rng.choice(NICKS)}{number}"),
    ]
    [chosen] = rng.choices([text for _w, text in styles], [weight for weight, _t in styles])
    return chosen


def someone(rng: random.Random, domain: str = "", last: str = "") -> Someone:
    first, last = rng.choice(FIRST), last or rng.choice(LAST)
    return Someone(first, last, local_of(rng, first, last), domain or rng.choice(FREE))


# --- who refers themselves -------------------------------------------------------------------


def tagged(rng: random.Random, me: Someone) -> str:
    return f"{me.local}+{rng.choice(['shop', 'x', 'promo', '2'])}@{me.domain}"


def dotted(rng: random.Random, me: Someone) -> str:
    spot = rng.randint(1, len(me.local) - 1)
    return f"{me.local[:spot]}.{me.local[spot:]}@{me.domain}".replace("..", ".").replace("._", "_")


def capitals(rng: random.Random, me: Someone) -> str:
    return f"{me.local.title()}@{me.domain.upper()}"


def elsewhere(rng: random.Random, me: Someone) -> str:
    return f"{me.local}@{rng.choice([name for name in FREE if name != me.domain])}"


def numbered(rng: random.Random, me: Someone) -> str:
    return f"{me.local.rstrip('0123456789')}{rng.randint(2, 2024)}@{me.domain}"


def separated(rng: random.Random, me: Someone) -> str:
    mark = rng.choice(["-", "_", ""])
    return f"{me.first}{mark}{me.last}@{rng.choice([me.domain, *FREE])}".lower()


def turned(rng: random.Random, me: Someone) -> str:
    mark = rng.choice([".", "_", ""])
    return f"{me.last}{mark}{me.first}@{rng.choice([me.domain, *FREE])}".lower()


def shortened(rng: random.Random, me: Someone) -> str:
    first, last = me.first.lower(), me.last.lower()
    local = rng.choice([f"{first[0]}.{last}", f"{first[0]}{last}", f"{first}.{last[0]}"])
    return f"{local}{rng.choice(['', '', '7'])}@{rng.choice(FREE)}"


def lengthened(rng: random.Random, me: Someone) -> str:
    extra = rng.choice(["shop", "private", "mail", "work", "online"])
    return f"{me.first}.{me.last}.{extra}@{rng.choice([me.domain, *FREE])}".lower()


def lookalike(rng: random.Random, me: Someone) -> str:
    swaps = {"o": "0", "l": "1", "e": "3", "a": "4", "i": "1", "s": "5"}
    local = f"{me.first}.{me.last}".lower()
    spots = [spot for spot, char in enumerate(local) if char in swaps] or [0]
    spot = rng.choice(spots)
    char = swaps.get(local[spot], "0")
    return f"{local[:spot]}{char}{local[spot + 1 :]}@{rng.choice([me.domain, *FREE])}"


def mistyped(rng: random.Random, me: Someone) -> str:
    local = f"{me.first}.{me.last}".lower()
    spot = rng.randint(0, len(local) - 2)
    kinds: list[Callable[[], str]] = [
        lambda: local[:spot] + local[spot + 1 :],
        lambda: local[:spot] + local[spot] + local[spot:],
        lambda: local[:spot] + local[spot + 1] + local[spot] + local[spot + 2 :],
        lambda: local[:spot] + rng.choice("abcdefghijklmnopqrstuvwxyz") + local[spot + 1 :],
    ]
    return f"{rng.choice(kinds)().strip('.')}@{rng.choice([me.domain, *FREE])}".replace("..", ".")


def thrown_away(rng: random.Random, me: Someone) -> str:
    return f"{rng.choice(NICKS)}{rng.randint(1, 9999)}@{rng.choice(THROWAWAY)}"


def same_device(rng: random.Random, me: Someone) -> str:
    return f"{rng.choice(NICKS)}{rng.randint(1, 9999)}@{rng.choice(FREE)}"


Variant = Callable[[random.Random, Someone], str]
OF_MAILBOX: list[Variant] = [
    tagged,
    dotted,
    capitals,
    elsewhere,
    numbered,
    thrown_away,
    same_device,
]
OF_NAME: list[Variant] = [separated, turned, shortened, lengthened, lookalike, mistyped]
SELF = OF_MAILBOX + OF_NAME


def self_referral(rng: random.Random) -> Pair:
    """One person with two addresses. Most advocates told us their name, some did not."""
    me = someone(rng)
    if rng.random() < 0.1:
        me = replace(me, domain=f"{me.last.lower()}-home.example")
    name = f"{me.first} {me.last}" if rng.random() < 0.8 else ""
    known = name or me.last.lower() in me.local
    # Of skipper85@, whose name nobody knows, ann.lee@ is no variant but somebody else.
    variant = rng.choice(SELF if known else OF_MAILBOX)
    other = variant(rng, me)
    return Pair(variant.__name__, me.email, name, other, variant is same_device)


# --- honest ones: two people ------------------------------------------------------------------


def strangers(rng: random.Random) -> tuple[Someone, Someone]:
    return someone(rng), someone(rng)


def relatives(rng: random.Random) -> tuple[Someone, Someone]:
    """The same surname, each at some provider."""
    last = rng.choice(LAST)
    return someone(rng, last=last), someone(rng, last=last)


def household(rng: random.Random) -> tuple[Someone, Someone]:
    """anna@miller.example and ben@miller.example."""
    last = rng.choice(LAST)
    pair = [replace(p, local=p.first.lower()) for p in relatives(rng)]
    one, two = (replace(p, last=last, domain=f"{last.lower()}.example") for p in pair)
    return one, two


def colleagues(rng: random.Random) -> tuple[Someone, Someone]:
    firm = rng.choice(FIRMS)
    style = rng.choice(["{0}.{1}", "{2}.{1}", "{0}"])
    one, two = (someone(rng, domain=firm) for _ in range(2))
    one, two = (
        replace(p, local=style.format(p.first.lower(), p.last.lower(), p.first[0].lower()))
        for p in (one, two)
    )
    return one, two


def shared_mailboxes(rng: random.Random) -> tuple[Someone, Someone]:
    """info@ here and info@ there."""
    local = rng.choice(SHARED)
    one, two = (someone(rng, domain=f"{rng.choice(LAST).lower()}-shop.example") for _ in range(2))
    return replace(one, local=local), replace(two, local=local)


def namesakes(rng: random.Random) -> tuple[Someone, Someone]:
    """Two Annas, each at a domain of her own or her firm's."""
    one, two = (someone(rng, domain=f"{rng.choice(LAST).lower()}.example") for _ in range(2))
    return replace(one, local=one.first.lower()), replace(two, local=one.first.lower())


HONEST = {
    strangers: 48,
    relatives: 15,
    household: 10,
    colleagues: 15,
    shared_mailboxes: 8,
    namesakes: 4,
}


def honest_pair(rng: random.Random) -> Pair:
    while True:
        [kind] = rng.choices(list(HONEST), list(HONEST.values()))
        one, two = kind(rng)
        # Two people cannot have one mailbox, and hardly ever one full name.
        if one.email != two.email and (one.first, one.last) != (two.first, two.last):
            name = f"{one.first} {one.last}" if rng.random() < 0.8 else ""
            return Pair(kind.__name__, one.email, name, two.email)


def self_referrals(seed: int, count: int = 1000) -> list[Pair]:
    rng = random.Random(seed)
    return [self_referral(rng) for _ in range(count)]


def honest_pairs(seed: int, count: int = 1000) -> list[Pair]:
    rng = random.Random(f"honest-{seed}")
    return [honest_pair(rng) for _ in range(count)]
