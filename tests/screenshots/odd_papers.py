"""Made-up papers that are hard to show: long titles, words without an end, maths, other scripts, no votes and many."""

from datetime import date, datetime, timedelta

from papers.ingest.saving import save
from papers.records import PaperRecord, SignalRecord

LONG_WORDS, RIGHT_TO_LEFT, MATHS, CROWD = "2606.90001", "2606.90002", "2606.90003", "2606.90004"
ZERO, BARE, WITHDRAWN, ELSEWHERE = "2606.90005", "2606.90006", "2606.90007", "lab:2026-17.a-name-that-goes-on-and-on"
NAMED = {
    "long-words": LONG_WORDS,
    "right-to-left": RIGHT_TO_LEFT,
    "maths": MATHS,
    "crowd": CROWD,
    "zero": ZERO,
    "bare": BARE,
    "withdrawn": WITHDRAWN,
    "elsewhere": ELSEWHERE,
}
AUTHOR = "Ada Lovelace"
BIBLIOGRAPHY = f"""@article{{one, title={{Not to be found anywhere}}, author={{Nobody, Nora}}, year=2020}}
@misc{{two, title={{Of the crowd}}, eprint={{{CROWD}}}, archivePrefix={{arXiv}}}}
"""
ENDLESS = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
SENTENCE = "Robots that learn from demonstrations keep their balance when they are pushed, and say why they did so. "


def store(now: datetime) -> None:
    """Store them as if they were announced today and counted since yesterday; safe to repeat."""
    save(_records(now), now)


def _records(now: datetime) -> list[PaperRecord]:
    day = now.date() - timedelta(days=1)
    made = (_long_words, _right_to_left, _maths, _crowd)
    return [*(make(now, day) for make in made), *_short(now, day)]


def _long_words(now: datetime, day: date) -> PaperRecord:
    return PaperRecord(
        LONG_WORDS,
        f"{ENDLESS}: a study of words that no browser breaks of its own accord, of https://example.org/{'a' * 90}"
        " and of a title that goes on for as long as titles of this kind are known to go on, which is long",
        SENTENCE * 3 + ENDLESS + " " + SENTENCE * 4,
        authors=(ENDLESS[:60], AUTHOR, "Konstantinos-Alexandros Papadopoulos-Hatzigeorgiou von und zu Brunnenthal"),
        categories=("cs.RO", "astro-ph.IM", "cond-mat.stat-mech", "physics.data-an"),
        announced_on=day,
        listed_on=day,
        organization="The Very Long Name of an Institute for the Study of Everything and of Some Other Things",
        github_repo="https://github.com/" + "a-long-name-" * 6 + "/" + "of-a-repository-" * 4,
        project_page="https://example.org/project",
        machine_summary=SENTENCE * 2 + ENDLESS,
        comment=f"{ENDLESS}, 12 pages, 7 figures",
        journal_ref=f"Journal of {ENDLESS} 17 (2026) 1-12",
        doi="10.1000/" + "a.very.long.doi." * 8,
        signals=_counts(now, upvotes=(7_000, 10_000), stars=(120_000, 123_456), comments=(90, 1_234)),
    )


def _right_to_left(now: datetime, day: date) -> PaperRecord:
    return PaperRecord(
        RIGHT_TO_LEFT,
        "תרגום מכונה של שירה: how models read verses from right to left",
        "נציג שיטה שמתרגמת שירה. " + SENTENCE + "النص العربي هنا أيضا.",
        authors=("אדה לאבלייס", "محمد بن موسى الخوارزمي", "Ada Lovelace (אדה)", "王小明"),
        categories=("cs.CL",),
        announced_on=day,
        listed_on=day,
        signals=_counts(now, upvotes=(1, 1)),
    )


def _maths(now: datetime, day: date) -> PaperRecord:
    return PaperRecord(
        MATHS,
        r"Sharp bounds for $\|\nabla u\|_{L^{p}(\mathbb{R}^n)}$ and $\sum_{k=0}^{\infty} \frac{x^{2k+1}}{(2k+1)!}$ "
        r"on $\mathrm{SL}_2(\mathbb{Z})\backslash\mathbb{H}$",
        r"We show that $$\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi} \quad\text{and}\quad "
        r"\prod_{p} \frac{1}{1-p^{-s}} = \sum_{n=1}^{\infty} \frac{1}{n^s} = \frac{1}{\Gamma(s)} "
        r"\int_0^\infty \frac{x^{s-1}}{e^x-1}\,dx + O\left(\frac{1}{\log\log\log n}\right)$$ holds for all "
        r"$s \in \mathbb{C}$ with $\Re(s) > 1$, where $\alpha_{i_1 i_2 \ldots i_k}^{(n)} \le \binom{n}{k}$. "
        + SENTENCE,
        authors=("Émilie du Châtelet", "Şərəfxanə Əliyeva", "Søren Aabye Ångström"),
        categories=("math.AP", "math.NT"),
        announced_on=day,
        signals=_counts(now, stars=(0, 1)),
    )


def _crowd(now: datetime, day: date) -> PaperRecord:
    return PaperRecord(
        CROWD,
        "Of the crowd: measurements by everybody at once",
        SENTENCE * 12,
        authors=tuple(f"{first}{number} of the Collaboration" for number in range(60) for first in ("Ann ", "Bo ")),
        categories=("hep-ex",),
        announced_on=day,
        listed_on=day,
        signals=_counts(now, upvotes=(12, 999), comments=(0, 0)),
    )


def _short(now: datetime, day: date) -> list[PaperRecord]:
    return [
        PaperRecord(ZERO, "Nobody voted", SENTENCE, (AUTHOR,), categories=("cs.LG",), announced_on=day, listed_on=day,
                    signals=_counts(now, upvotes=(0, 0), stars=(0, 0), comments=(0, 0))),
        PaperRecord(BARE, "Only a title", "", categories=("econ.GN",), announced_on=day),
        PaperRecord(WITHDRAWN, "Taken back by its authors", SENTENCE * 2, (AUTHOR,), categories=("cs.RO",),
                    announced_on=day, listed_on=day, withdrawn=True, comment="Withdrawn: a crucial error in Lemma 3"),
        PaperRecord(ELSEWHERE, "On cells that divide in the dark", SENTENCE * 2, (AUTHOR, "Bo Ek"), field="q-bio",
                    announced_on=day, url="https://example.org/papers/17", doi="10.1101/2026.06.24.123456"),
    ]  # fmt: skip


def _counts(now: datetime, **counts: tuple[int, int]) -> tuple[SignalRecord, ...]:
    """Return a count of each kind as it was yesterday and as it is now."""
    ago = (timedelta(hours=26), timedelta(hours=1))
    return tuple(
        SignalRecord(kind, value, now - before)
        for kind, values in counts.items()
        for value, before in zip(values, ago, strict=True)
    )
