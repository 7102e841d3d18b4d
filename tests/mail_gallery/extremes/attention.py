"""Counts of attention, from none to more than there are people to give it, and trends at the ends of their scale."""

from tests.mail_gallery.extremes.extreme import Extreme

ATTENTION = {
    "nobody-counted": Extreme("Unknown is not zero.", reason={"trend": None}),
    "nobody-voted": Extreme(
        "Counted, and nothing there.",
        counts={"upvotes": (0, 0), "stars": (0, 0), "comments": (0, 0)},
        reason={"trend": 0.0},
    ),
    "one-vote": Extreme("A word in the singular.", counts={"upvotes": (0, 1)}, reason={"trend": 0.01}),
    "half-of-a-percent": Extreme("Rounds to nothing, or to all.", counts={"upvotes": (5, 9)}, reason={"trend": 0.995}),
    "first-of-all": Extreme("Nothing is above it.", counts={"upvotes": (10, 9_999)}, reason={"trend": 1.0}),
    "two-thousand-millions": Extreme(
        "A number as long as a line.", counts={"stars": (1, 2_147_483_647)}, reason={"trend": 0.99999}
    ),
    "falling": Extreme(
        "Votes that were taken back.", counts={"upvotes": (900, 3), "stars": (5_000, 10)}, reason={"trend": 0.3}
    ),
    "all-kinds": Extreme(
        "Three counts in one line.",
        counts={"upvotes": (1_234, 98_765), "stars": (120_000, 1_234_567), "comments": (98, 87_654)},
        reason={"trend": 0.98},
    ),
    "stars-alone": Extreme(
        "Code that is known, for a paper that is not.",
        {"github_repo": "https://github.com/example/known"},
        counts={"stars": (400, 90_000)},
    ),
    "comments-alone": Extreme("Talk without votes.", counts={"comments": (0, 512)}, reason={"trend": 0.5}),
    "a-trend-without-counts": Extreme("Said, and not shown by numbers.", reason={"trend": 0.77}),
    "explored": Extreme(
        "From outside the interests.", counts={"upvotes": (50, 700)}, reason={"explored": True, "kind": "explored"}
    ),
}
