"""Abstracts: none, endless ones, ones without sentences, ones with markup."""

from tests.mail_gallery.extremes.extreme import ENDLESS, SENTENCE, Extreme, with_abstract

TEXTS: dict[str, Extreme] = {
    name: with_abstract(why, abstract)
    for name, why, abstract in (
        ("no-abstract", "There is nothing under the title.", ""),
        ("abstract-of-a-word", "Its only word.", "Withdrawn."),
        ("abstract-of-20-kilobytes", "Two hundred sentences.", SENTENCE * 200),
        (
            "abstract-of-one-sentence",
            "A sentence of 5,000 letters, which must be cut within.",
            "and then we measured it once more, " * 140,
        ),
        ("abstract-without-spaces", "A word of 20,000 letters.", "x" * 20_000),
        (
            "abstract-in-chinese",
            "No space to cut at.",
            "我们提出了一种新的方法来提高模型的推理能力，并在多个基准上进行了验证。" * 60,
        ),
        (
            "abstract-in-arabic",
            "From right to left, and long.",
            "نقدم طريقة جديدة لتحسين قدرة النماذج على الاستدلال. " * 60,
        ),
        (
            "abstract-in-thai",
            "No space to cut at, and none to break at.",
            "เราเสนอวิธีการใหม่ในการปรับปรุงความสามารถในการให้เหตุผลของแบบจำลอง" * 40,
        ),
        (
            "abstract-of-urls",
            "An address after the other.",
            "Code: https://github.com/example/" + "long-name-" * 30 + " and https://example.org/" + "x/" * 200,
        ),
        (
            "abstract-of-html",
            "It was copied from a page.",
            "<p>We <b>show</b> that <a href='https://example.org'>this</a> &amp; that.</p><br><br>" * 20,
        ),
        (
            "abstract-of-markdown",
            "It was copied from a file.",
            "# Title\n\n* one\n* two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nprint(1)\n```",
        ),
        (
            "abstract-of-lines",
            "Breaks its lines as an article does.",
            "This is a line of\nan abstract that was cut\nas in print, with a hyphen-\nation. " * 12,
        ),
        (
            "abstract-of-maths",
            "Formulas in display, one after the other.",
            r"We show $$\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}$$ for $s \in \mathbb{C}$. " * 20,
        ),
        (
            "abstract-of-tex",
            "An environment of TeX, and a reference to nowhere.",
            r"\begin{align}a&=b\\c&=d\label{eq:1}\end{align} see \cite{knuth84,lamport94} and \ref{eq:1}. " * 9,
        ),
        ("abstract-of-numbers", "A table as text.", " ".join(f"{n}.{n}%±0.{n}" for n in range(400))),
        ("abstract-of-dots", "Ends of sentences everywhere.", "A. B. C. e.g. i.e. et al. vs. Fig. 3. " * 40),
        ("abstract-of-questions", "No full stop in it at all.", "Why? How! " * 200),
        (
            "abstract-of-a-long-word",
            "Ordinary, but for a word that nothing breaks.",
            f"{SENTENCE}{ENDLESS * 4} {SENTENCE}",
        ),
        ("abstract-of-white-space", "Only spaces.", " \n\t\xa0 "),
    )
}
