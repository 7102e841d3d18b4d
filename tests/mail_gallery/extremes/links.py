"""Addresses: of code, of projects, of papers that are not on arXiv; and what else a source says of a paper."""

from tests.mail_gallery.extremes.extreme import ENDLESS, SENTENCE, Extreme

LINKS = {
    "code-of-300-letters": Extreme(
        "An address as long as the column.", {"github_repo": "https://github.com/" + "name-" * 56}
    ),
    "code-of-no-address": Extreme("An owner and a name, no address.", {"github_repo": "owner/name"}),
    "code-with-a-script": Extreme("An address that would run.", {"github_repo": "javascript:alert(1)"}),
    "code-with-spaces": Extreme(
        "An address that no program knows the end of.", {"github_repo": "https://github.com/a name/of two"}
    ),
    "code-with-quotes": Extreme(
        "An address that wants to end its attribute.", {"github_repo": "https://example.org/\"><b onclick='x'>"}
    ),
    "code-international": Extreme("A host of other letters.", {"github_repo": "https://münchen.example/深度/学习?q=ü"}),
    "project-of-500-letters": Extreme(
        "A page as long as the column.", {"project_page": "https://example.org/" + "p" * 470}
    ),
    "doi-of-200-letters": Extreme("A DOI as long as the column.", {"doi": "10.1000/" + "a.very.long.doi." * 11}),
    "doi-with-signs": Extreme(
        "A DOI of signs.", {"doi": "10.1002/(sici)1096-8644(199601)99:1<1::aid-ajpa1>3.0.co;2-1"}
    ),
    "not-on-arxiv": Extreme(
        "It has an address, and no number of arXiv's.",
        {"identifier": "lab:2026-17", "url": "https://example.org/17", "field": "q-bio", "categories": ()},
    ),
    "identifier-of-200-letters": Extreme(
        "Its page here has a long address.",
        {"identifier": "lab:" + "2026-17-" * 24, "url": "https://example.org/" + "u" * 450},
    ),
    "nowhere-to-read": Extreme("No address at all.", {"identifier": "lab:nowhere", "url": ""}),
    "old-identifier": Extreme("A number of arXiv's of before 2007.", {"identifier": "cond-mat/0601001"}),
    "journal-of-500-letters": Extreme(
        "A reference that is a paragraph.",
        {"journal_ref": "Proceedings of the International Conference on Everything " * 8},
    ),
    "comment-of-a-page": Extreme("Authors said much.", {"comment": f"{ENDLESS} 12 pages, 7 figures. " * 30}),
    "summary-of-a-page": Extreme("A model wrote much.", {"machine_summary": SENTENCE * 40}),
    "withdrawn": Extreme(
        "Taken back since it was picked.", {"withdrawn": True, "comment": "Withdrawn: an error in Lemma 3"}
    ),
    "everything-at-once": Extreme(
        "All that is long, in one paper.",
        {
            "title": f"{ENDLESS * 2} " + "and a title that goes on " * 12,
            "abstract": f"{ENDLESS * 3}. {SENTENCE * 30}",
            "authors": ("N" * 200, *(f"Author {n} {ENDLESS}" for n in range(40))),
            "categories": tuple(f"cond-mat.stat-mech-{n}" for n in range(30)),
            "github_repo": "https://github.com/" + "n" * 270,
            "project_page": "https://example.org/" + "p" * 470,
            "doi": "10.1000/" + "d" * 190,
            "organization": "O" * 200,
        },
        {"upvotes": (7_000, 4_000_000), "stars": (0, 2_000_000_000), "comments": (1, 999_999)},
        {"label": "L" * 400, "sentence": ENDLESS * 3, "terms": ["T" * 80, ENDLESS]},
        note=f"{ENDLESS} " * 14,
        folded=10,
    ),
}
