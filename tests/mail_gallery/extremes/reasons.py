"""What led to a paper, in a reader's own words, and what stands beside it: notes, papers that gave way."""

from tests.mail_gallery.extremes.extreme import ENDLESS, SENTENCE, Extreme

LONG = "how robots that walk on two legs keep their balance on ice, sand and moving belts when they are pushed " * 4
REASONS = {
    "label-of-400-letters": Extreme("An interest that is a paragraph.", reason={"kind": "text", "label": LONG}),
    "label-of-one-word": Extreme("An interest without a space.", reason={"kind": "text", "label": "i" * 400}),
    "label-in-arabic": Extreme(
        "An interest from right to left.", reason={"kind": "text", "label": "الترجمة الآلية للشعر"}
    ),
    "label-in-chinese": Extreme(
        "An interest without spaces.", reason={"kind": "text", "label": "大语言模型的推理效率优化" * 9}
    ),
    "label-of-html": Extreme(
        "An interest that wants to be a tag.", reason={"kind": "text", "label": "<u>mine</u> & yours"}
    ),
    "label-of-nothing": Extreme("An interest that was erased.", reason={"kind": "topic", "label": ""}),
    "kind-unknown": Extreme("A reason of a later version.", reason={"kind": "telepathy", "label": "?"}),
    "lab-followed": Extreme(
        "A lab with a long name.", reason={"kind": "lab", "people": ["Institute for Everything " * 6]}
    ),
    "author-followed": Extreme(
        "A name without an end.",
        {"authors": ("N" * 190, "Ada Lovelace")},
        reason={"kind": "author", "people": ["N" * 190]},
    ),
    "terms-many": Extreme(
        "Words in common that fill lines.", reason={"terms": [f"term-number-{n}-{ENDLESS[:30]}" for n in range(12)]}
    ),
    "terms-of-one-word": Extreme("A word in common without an end.", reason={"terms": ["t" * 300]}),
    "people-many": Extreme("Forty people in common.", reason={"people": [f"Somebody Number-{n}" for n in range(40)]}),
    "sentence-of-a-page": Extreme(
        "The answering sentence is long.", {"abstract": SENTENCE * 8}, reason={"sentence": LONG + LONG}
    ),
    "sentence-of-one-word": Extreme("The answering sentence has no space.", reason={"sentence": "s" * 600}),
    "sentence-from-the-right": Extreme(
        "The answering sentence reads from right to left.", reason={"sentence": "نقدم طريقة جديدة لتحسين قدرة النماذج."}
    ),
    "closeness-of-nothing": Extreme("As far as can be.", reason={"closeness": 0.0, "closeness_words": "related"}),
    "closeness-of-all": Extreme(
        "It is the very same paper.", reason={"closeness": 1.0, "closeness_words": "very close"}
    ),
    "note-of-1000-letters": Extreme("The curator had much to say.", note=("Read the appendix first. " * 40)[:1000]),
    "note-of-one-word": Extreme("A note without a space.", note="n" * 900),
    "note-with-a-link": Extreme(
        "A note with an address.", note="See https://example.org/" + "x" * 200 + " and <b>this</b>."
    ),
    "note-in-hebrew": Extreme("A note from right to left.", note="מאמר חשוב (2026): see section 3."),
    "folded-one": Extreme("One paper gave way to it.", folded=1),
    "folded-ten": Extreme("Ten papers gave way to it, some with titles that nothing breaks.", folded=10),
    "folded-many": Extreme("More gave way than are named.", folded=40),
}
