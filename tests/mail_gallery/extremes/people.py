"""Authors, their labs and the fields they write in."""

from tests.mail_gallery.extremes.extreme import ENDLESS, Extreme

LETTERS = "abcdefghijklmnopqrstuvwxyz"
PEOPLE = {
    "no-authors": Extreme("Nobody wrote it.", {"authors": ()}),
    "author-of-one-letter": Extreme("A name of one letter.", {"authors": ("O",)}),
    "author-of-200-letters": Extreme("A name without a space.", {"authors": ("N" * 200, "Bo Ek")}),
    "author-of-a-long-name": Extreme(
        "A name that is a line of its own.", {"authors": (f"{ENDLESS} von und zu {ENDLESS}",)}
    ),
    "authors-3000": Extreme("A collaboration.", {"authors": tuple(f"A. {n} Author" for n in range(3000))}),
    "authors-with-lists": Extreme(
        "A name holds commas and a word between names.", {"authors": ("Lovelace, Ada, and Ek, Bo, et al.",)}
    ),
    "authors-of-all-scripts": Extreme(
        "Each name in another script.", {"authors": ("אדה לאבלייס", "محمد الخوارزمي", "王小明", "Ὑπατία", "ธนา")}
    ),
    "author-collaboration": Extreme(
        "Not a person.", {"authors": ("for the Very Long Name of a Collaboration at a Large Machine " * 3,)}
    ),
    "author-with-html": Extreme(
        "A name that wants to be a tag.", {"authors": ("<b>Ada</b>", "Bo & Söhne", 'O\'Brien "Bo"')}
    ),
    "author-with-tex": Extreme(
        "A name in TeX.", {"authors": (r"J\'er\^ome {\L}ukasiewicz", r"Ng\~{\^o} B\h{a}o Ch\^au")}
    ),
    "author-with-a-footnote": Extreme(
        "Signs of affiliation.", {"authors": ("Ada Lovelace¹²*†", "Bo Ek (University of Somewhere)")}
    ),
    "author-without-an-end": Extreme(
        "Marks on each letter.", {"authors": ("".join(letter + "\u0300\u0310" * 6 for letter in LETTERS),)}
    ),
    "lab-of-200-letters": Extreme(
        "A lab whose name is a sentence.",
        {"organization": "Institute for the Study of Everything and of Other Things " * 3},
    ),
    "lab-of-one-word": Extreme("A lab whose name is one word.", {"organization": "L" * 200}),
    "no-categories": Extreme("No field at all.", {"categories": ()}),
    "categories-60": Extreme(
        "Sixty fields.", {"categories": tuple(f"cs.{a}{b}" for a in "ABCDEF" for b in "ABCDEFGHIJ")}
    ),
    "category-of-100-letters": Extreme("A field without an end.", {"categories": ("x" * 30 + "." + "y" * 70, "cs.LG")}),
}
