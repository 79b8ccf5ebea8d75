"""The made-up people of the demo, and what they say. Any likeness is chance."""

from __future__ import annotations

NAMES = """
Mara Lindqvist, Jonas Petersen, Aylin Demir, Bo Hansen, Clara Voss, Tomasz Nowak,
Ingrid Dahl, Luca Ferri, Priya Nair, Hauke Jansen, Sofia Marques, Emil Brandt,
Nadia Haddad, Oskar Wolff, Freya Madsen, Yusuf Kaya, Greta Thomsen, Milan Horvat,
Lena Fischer, Kofi Mensah, Astrid Berg, Daniel Okafor, Ewa Zielinska, Finn Carstens,
Hanna Virtanen, Ivo Novak, Johanna Reuter, Kenji Mori, Lotte de Vries, Mateo Rojas,
Nele Schubert, Olga Petrova, Paul Ritter, Quirin Adler, Rosa Conti, Sven Lund,
Tilda Holm, Uwe Paulsen, Vera Kowalska, Wim Janssens, Xenia Kraft, Yara Costa,
Zoe Martin, Anton Beck, Birte Claussen, Carlos Vega, Dörte Hinrichs, Elif Aydin,
Fabian Kurz, Gesa Petersen, Hugo Laurent, Ida Sommer, Jan Kuiper, Karin Nyström,
Leo Marchetti, Mia Sørensen, Noah Weber, Outi Laine, Piet Bakker, Runa Eriksen,
Selma Lindgren, Tarik Osman, Ulla Kristensen, Viktor Hahn, Wiebke Lorenz, Ximena Soto,
Adam Wójcik, Beate Krüger, Cem Yildiz, Dina Rossi, Eero Salo, Femke Visser
"""

CHANNELS = ["whatsapp", "whatsapp", "whatsapp", "email", "copy", "sms", "telegram"]

LIKED = [
    "The smell when you open the door.",
    "Trawler in the steel cup, and the talk with it.",
    "You remembered how I grind it.",
    "The price we paid on the back of the bag. More shops should do that.",
    "Gull Song. I did not know coffee could taste like that.",
    "The bench outside, with the boats.",
    "Honest advice: you told me to buy the cheaper one.",
    "Slack Water in the evening. I sleep, and it still tastes of something.",
    "The beans were from the day before.",
    "Quick, friendly, and the cups are warm.",
]

BETTER = [
    "Open on Sundays, please.",
    "A bag of 500 g would save me a trip.",
    "The queue on Saturday morning is long.",
    "More seats when it rains.",
    "Nothing comes to mind.",
    "The door is heavy with a pram.",
    "I would like to order on Monday and fetch on Tuesday.",
    "The Kenyan was gone on the third day.",
    "Oat milk costs too much extra.",
    "Tell me how to clean my grinder.",
]

HEARD = ["A friend", "Walked by", "Search engine", "Newspaper", "Somewhere else"]

# How likely somebody would recommend us; most people who answer like the place.
SCORES = [10, 10, 10, 9, 9, 9, 9, 8, 8, 8, 7, 7, 6, 5, 3]


def names() -> list[str]:
    return [name.strip() for name in NAMES.replace("\n", " ").split(",")]


def email_of(name: str) -> str:
    """An address at example.org, where nobody lives."""
    plain = name.lower().translate(str.maketrans("öøäüó", "ooauo"))
    return f"{'.'.join(plain.split())}@example.org"
