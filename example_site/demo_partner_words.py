"""Who Harbour Coffee works with in Lindhaven, in their own words. All of it is made up."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.text import slugify


@dataclass(frozen=True)
class Business:
    """A partner as it would fill in the form."""

    name: str
    kind: str
    contact: str
    role: str
    palette: str
    sign: str
    town: str
    summary: str
    serves: str
    spot: str
    phrases: tuple[str, ...]
    works: str
    different: str
    topics: tuple[str, ...]
    offer: tuple[str, str] = ("", "")
    cooperation: tuple[str, ...] = ()
    takes_new_clients: bool = True
    people: tuple[tuple[str, str], ...] = field(default=())

    @property
    def email(self) -> str:
        first = self.contact.split(" ")[0].lower()
        return f"{first}@{slugify(self.name)}.example"


# slug, group, name
TOPICS = [
    ("bread-and-cakes", "service", "Bread and cakes"),
    ("bicycles", "service", "Bicycles"),
    ("bookkeeping", "service", "Bookkeeping"),
    ("guided-walks", "service", "Guided walks"),
    ("writing", "service", "Writing and interviews"),
    ("cups-and-paper", "service", "Cups and paper"),
    ("repairs", "service", "Machine repairs"),
    ("cafes", "industry", "Cafés"),
    ("offices", "industry", "Offices"),
    ("households", "industry", "Households"),
    ("old-quay", "place", "Old Quay"),
    ("fish-market", "place", "Fish Market"),
    ("upper-town", "place", "Upper town"),
    ("en", "language", "English"),
    ("de", "language", "German"),
    ("da", "language", "Danish"),
]

BUSINESSES = [
    Business(
        name="Brigg Bakery",
        kind="strategic",
        contact="Maren Brigg",
        role="Baker",
        palette="brick",
        sign="loaf",
        town="Lindhaven, Fish Market",
        summary="Sourdough and cardamom buns, delivered before the first coffee is poured.",
        serves="Cafés and offices within a bicycle ride of Fish Market, and whoever is up by six.",
        spot="Somebody opens a café, moves an office, or complains about Monday's rolls.",
        phrases=(
            "Our bread comes frozen, and one can tell.",
            "Who does breakfast for thirty?",
            "I'd love a bun with this.",
        ),
        works=(
            "A tasting box first. Then a standing order by the week, which can be changed until "
            "four in the afternoon."
        ),
        different="Two doughs, three days old. What is left at noon goes to the night shelter.",
        topics=("bread-and-cakes", "cafes", "offices", "fish-market", "en", "de"),
        offer=("A bun with your first bag", "Show the bag at the bakery, this month."),
        cooperation=("offer", "event"),
        people=(("Maren Brigg", "Baker"), ("Tom Ferris", "Rides the deliveries")),
    ),
    Business(
        name="Kestrel Bicycles",
        kind="strategic",
        contact="Idris Vale",
        role="Owner",
        palette="sea",
        sign="wheel",
        town="Lindhaven, Old Quay",
        summary="Cargo bicycles, hired by the day or kept running for years.",
        serves="Shops that deliver in town, and families without a car.",
        spot="They carry boxes up the quay, or ask where one may still park.",
        phrases=("The van is in the workshop again.", "Parking costs more than the parcel."),
        works="A free day's hire, then advice on what to buy. Repairs while you have a coffee.",
        different="Every repair is photographed, so that you see what you pay for.",
        topics=("bicycles", "cafes", "households", "old-quay", "en"),
        offer=("A free day on a cargo bicycle", "For customers of Harbour Coffee, on weekdays."),
        cooperation=("offer",),
        people=(("Idris Vale", "Owner"),),
    ),
    Business(
        name="Lindhaven Walks",
        kind="co_marketing",
        contact="Sanne Holt",
        role="Guide",
        palette="dawn",
        sign="sail",
        town="Lindhaven, Old Quay",
        summary="Two hours along the water, with a cup at the end of the quay.",
        serves="Visitors with an afternoon, and firms that want to be outside together.",
        spot="Guests from out of town, a team that meets for the first time.",
        phrases=("What should we see here?", "We have three hours until the ferry."),
        works="Small groups, every Saturday. Other days for groups of six and more.",
        different="No microphone: never more people than can hear one voice.",
        topics=("guided-walks", "households", "offices", "old-quay", "en", "de", "da"),
        offer=("A cup at the end of the walk", "Every walk on Saturday ends at our counter."),
        cooperation=("event", "offer", "interview"),
        people=(("Sanne Holt", "Guide"), ("Per Aalto", "Guide, in Danish")),
    ),
    Business(
        name="The Long Pour",
        kind="content",
        contact="June Okafor",
        role="Editor",
        palette="plum",
        sign="book",
        town="Lindhaven, Upper town",
        summary="A quiet magazine about coffee, four times a year.",
        serves="People who read about what they drink.",
        spot="They ask where the beans come from, and listen to the answer.",
        phrases=("Why does it taste of apricot?", "Is there something to read about this?"),
        works="An interview by letter or over a cup. You see every word before it is printed.",
        different="No advertisements. Readers pay for it, and that is all.",
        topics=("writing", "households", "upper-town", "en"),
        cooperation=("article", "interview"),
        people=(("June Okafor", "Editor"),),
    ),
    Business(
        name="Fold & Cup",
        kind="supplier",
        contact="Ravi Menon",
        role="Sales",
        palette="moss",
        sign="leaf",
        town="Lindhaven, Upper town",
        summary="Paper cups and bags that rot in a garden heap.",
        serves="Cafés that sell more than a hundred cups to go in a day.",
        spot="A bin full of cups, or a city that asks for a deposit.",
        phrases=("Our bags tear when it rains.", "Are these allowed from January?"),
        works="Samples by post, orders from one box.",
        different="We take used cups back, wet ones, too.",
        topics=("cups-and-paper", "cafes", "upper-town", "en", "de"),
        takes_new_clients=False,
        people=(("Ravi Menon", "Sales"),),
    ),
    Business(
        name="Marlow Ledgers",
        kind="introducer",
        contact="Edith Marlow",
        role="Bookkeeper",
        palette="slate",
        sign="frame",
        town="Lindhaven, Fish Market",
        summary="Bookkeeping for places with a till, explained at the counter.",
        serves="Cafés and shops in their first three years.",
        spot="A shoebox of receipts, a letter from the tax office that nobody opens.",
        phrases=("I'll do the books on Sunday.", "Is that net or gross?"),
        works="One morning to sort what is there, then a fixed price by the month.",
        different="You may ring, and somebody who knows your till answers.",
        topics=("bookkeeping", "cafes", "fish-market", "en", "da"),
        cooperation=("webinar", "article"),
        people=(("Edith Marlow", "Bookkeeper"),),
    ),
]

# Who introduced whom to whom, how far it came: giver, introduced, direction, partner, way, stages.
# Who, whom, which way, which partner, how, how far it is, its amount, days ago.
INTRODUCTIONS = [
    ("Maren Brigg", "Café Lantern", "received", "Brigg Bakery", "brought", "won", "480.00", 100),
    ("Sanne Holt", "Ferry Crew Canteen", "received", "Lindhaven Walks", "mail", "lost", "", 60),
    ("Edith Marlow", "Salt Street Deli", "received", "Marlow Ledgers", "call", "won", "320.00", 52),
    ("Ada Holm", "Jetty Books", "given", "Marlow Ledgers", "meeting", "won", "900.00", 31),
    ("Maren Brigg", "Hotel Anker", "received", "Brigg Bakery", "mail", "meeting", "", 26),
    ("Edith Marlow", "Office Nine", "received", "Marlow Ledgers", "mail", "offer", "", 17),
    ("Ada Holm", "Tide Yoga", "given", "Kestrel Bicycles", "call", "contacted", "", 11),
    ("Jonte Holm", "Quay School", "given", "Lindhaven Walks", "mail", "accepted", "", 8),
    ("Jonte Holm", "Rope & Sail", "given", "Brigg Bakery", "brought", "received", "", 2),
]

# Kind, title, the words that go with it, for whom, colours, valid for days, whose.
SHELF: list[tuple[str, str, str, str, str, int | None, str]] = [
    (
        "price_list",
        "Beans for offices, prices",
        "By the kilo and by the month, machine or not.",
        "public",
        "moss",
        200,
        "",
    ),
    (
        "how_to",
        "Water: the strip test on one page",
        "Whether you need a filter, in one minute.",
        "public",
        "sea",
        None,
        "",
    ),
    (
        "fact_sheet",
        "Harbour Coffee in ten lines",
        "Who we are, for whoever asks you.",
        "partners",
        "dawn",
        None,
        "",
    ),
    (
        "template",
        "A card to put into parcels",
        "Postcard size; your logo goes at the bottom.",
        "partners",
        "plum",
        None,
        "",
    ),
    (
        "brochure",
        "Standing orders at Brigg Bakery",
        "Bread every morning, and how to change your mind by four.",
        "public",
        "brick",
        None,
        "Brigg Bakery",
    ),
    (
        "price_list",
        "Last year's prices",
        "For orders of last year only.",
        "partners",
        "slate",
        -20,
        "",
    ),
]

# Title, what it is about, what it says.
GUIDE = [
    (
        "What a machine really costs",
        "Beans, water, repairs: the sum for ten people, and when a jug is enough.",
        "<h2>The sum</h2><p>Ten people drink twenty-two cups a day. That is four kilos of beans a "
        "month, forty litres of water, and a visit by somebody with a spanner twice a year.</p>"
        "<p>A hired machine begins to pay at fifteen people. Below that, two jugs and a good "
        "grinder are cheaper, and nobody waits.</p>",
    ),
    (
        "Water first",
        "Two drops on a strip tell whether you need a filter.",
        "<h2>How to test</h2><p>Dip the strip for a second, shake it, wait a minute. Above eight "
        "degrees a filter pays for itself by the repairs it saves.</p><p>In the old town the "
        "water is soft. In the upper town it is not.</p>",
    ),
    (
        "Who cleans it?",
        "A list for the wall: every day two minutes, every Friday ten.",
        "<h2>The list</h2><ul><li>Every day: rinse, wipe the wand, empty the tray.</li>"
        "<li>Every Friday: brush the grinder, soak the screens.</li>"
        "<li>Every month: a tablet for the grease.</li></ul>",
    ),
]
