"""Withdrawn papers stay on arXiv: that they are withdrawn stands in the comment, in older ones in the abstract.

Authors say it in their own words, and mostly give the reason: some give nothing else, such as "The proof of Theorem 2
is incorrect". Each clause is looked at by itself, and must be about this paper: "replaces a withdrawn paper",
"withdrawn from a conference" and "Section 6 is withdrawn" are about something else. What is only superseded, or asks
not to be cited, is still there.
"""

import re
from collections.abc import Iterator

WORK = (
    r"(?:papers?|articles?|manuscripts?|submissions?|pre-?prints?|works?|notes?|reports?|versions?|drafts?|documents?"
    r"|letters?|e-?prints?|stud(?:y|ies)|contributions?|thesis)"
)
# Words between "this" and "paper" that still mean this one; "previous", "earlier" and "companion" do not.
STILL_THIS = r"(?:(?:arxiv|current|present|following|above|whole|entire|full|research)\s+){0,2}"
THIS = rf"(?:this|these|the|our|my)\s+{STILL_THIS}{WORK}"
GONE = r"(?:withdrawn|retracted)"
NOW = r"(?:now|hereby|temporarily|permanently|voluntarily|being|currently|therefore|thus|also|formally|officially)"
IS = rf"(?:(?:has|have|had|is|are|was|were|will|must|should|shall|needs?|to|be|been)\s+|{NOW}\s+){{1,5}}"
# "From" a journal, a conference, the market; but a paper may be withdrawn from arXiv, and from being considered at all.
ELSEWHERE = r"(?!\s+from\s+(?!(?:the\s+)?(?:arxiv|ar[cx]hive|public|consideration|circulation|here|this\b)))"
BY = r"(?:by|due|because|as|since|for|from|pending|until|to|at|after|owing|thanks|on|in|permanently|temporarily)"

# Each of these says it anywhere in a clause, as in "we regret that this paper is withdrawn".
PASSIVE = rf"\b{THIS}(?:\s+of\s+ours)?\s+{IS}{GONE}\b{ELSEWHERE}"
REMOVED = rf"\b{THIS}\s+{IS}(?:removed|taken\s+down)\s+(?:by|from\s+(?:the\s+)?arxiv)\b"
ACTIVE = (
    r"\b(?:withdraw|withdraws|withdrew|withdrawing|withdrawn|retract|retracts|retracting|retracted)\s+"
    rf"(?:it|{THIS})\b(?!\s*[’']){ELSEWHERE}"
)
WITHDRAWAL = (
    rf"\b(?:withdrawal|retraction)\s+of\s+{THIS}\b|\brequest(?:s|ed|ing)?\s+(?:\w+\s+)?(?:withdrawal|retraction)\b"
)
ANYWHERE = re.compile("|".join(f"(?:{part})" for part in (PASSIVE, REMOVED, ACTIVE, WITHDRAWAL)), re.IGNORECASE)
BARE = re.compile(
    rf"""\W*(?:{WORK}\s+)?(?:{IS})?{GONE}(?=\s*(?:$|[^\w\s])|\s+{BY}\b)\b{ELSEWHERE}
        |\W*{WORK}\s+(?:withdrawal|retraction)\b
        |\W*(?:withdrawal|retraction)(?=\s*(?:$|[:.(])|\s+(?:due|because|at|by|requested|notice|as|since)\b)""",
    re.IGNORECASE | re.VERBOSE,
)
# Words before it that make it another's, or no statement: "a version of this paper", "decided not to withdraw it".
OF = {"of", "in", "for", "with", "on", "from", "than", "by", "after", "before"}
OF |= {"replaces", "replacing", "supersedes", "extends", "corrects"}
OPEN = {"not", "never", "without", "if", "when", "whether", "unless", "until", "instead"}
NEAR = 3  # words
BACK = re.compile(
    r"\breinstat\w*|\bno\s+longer\s+withdrawn|\bun-?withdrawn"
    r"|\bwithdrawal(?:\s+of\s+\w+\s+\w+)?\s+(?:has\s+been|was|is)\s+(?:revers|revok|cancel)",
    re.IGNORECASE,
)
ADMIN_NOTE = re.compile(r"^\W*arxiv\s+admin(?:istrator)?\s+note\W*", re.IGNORECASE)
CLAUSE = re.compile(r"(?<=[.!?;])\s|\s-{1,3}\s|[—–;]")  # of text whose blanks are single ones

# The reason alone. It counts where nothing speaks of a remedy: "v2: an error in the proof is corrected" is good news.
FAULT = r"(?:errors?|mistakes?|flaws?|blunders?|inconsistenc(?:y|ies))"
GRAVE = r"(?:crucial|serious|fatal|critical|major|fundamental|severe|grave|substan[tc]ial|significant|irreparable)"
PLACE = (
    r"(?:main|key|central|theorems?|lemmas?|propositions?|corollar(?:y|ies)|proofs?|claims?|results?|arguments?|eqs?\.?"
    r"|conclusions?|equations?|sections?|definitions?|derivations?|calculations?|computations?|formulas?|analysis)"
)
REASON = re.compile(
    rf"""\b{GRAVE}(?:\s+(?:and\s+)?\w+)?\s+{FAULT}\b
        |\b(?:is|are|exists?|contains?|found|discovered|to)\s+(?:an?|some|several|the|many)?\s*(?:\w+\s+)?
            (?:{FAULT}|gaps?)\s+in\s+
            (?:the\s+|our\s+|my\s+|its\s+)?(?:\w+\s+)?{PLACE}
        |\b{PLACE}\b(?:\s+\S+){{0,6}}?\s+(?:is|are)\s+(?:(?:in\s+fact|actually|unfortunately)\s+)?
            (?:incorrect|wrong|false|flawed|invalid|erroneous|not\s+(?:correct|true|valid|right))\b""",
    re.IGNORECASE | re.VERBOSE,
)
REMEDY = re.compile(
    r"\b(?:(?:prov|show)\w*\s+that|fix\w*|correct(?:ed|s|ing|ions?)|repair\w*|resolv\w*|address\w*|removed|amend\w*"
    r"|errat\w+|corrigend\w+|updated?|improved|added|changed|revised|replaced|filled|previous|earlier|older|clarif\w+"
    r"|published|accepted|v\d+:)\b",
    re.IGNORECASE,
)


def is_withdrawn(comment: str, abstract: str) -> bool:
    """Tell whether arXiv's comment, anywhere in it, or the beginning of the abstract says that a paper is withdrawn."""
    return _says_so(comment) or _gives_the_reason(comment) or is_notice(abstract)


def is_notice(abstract: str) -> bool:
    """Tell whether an abstract begins with the notice of a withdrawal."""
    first = next(_clauses(ADMIN_NOTE.sub("", abstract, count=1).lstrip(" -–—([*")), "")
    return not BACK.search(first) and bool(BARE.match(first) or ANYWHERE.match(first))


def _says_so(comment: str) -> bool:
    return not BACK.search(comment) and any(map(_is_about_this, _clauses(comment)))


def _gives_the_reason(comment: str) -> bool:
    return bool(REASON.search(comment)) and not REMEDY.search(comment)


def _clauses(text: str) -> Iterator[str]:
    return (clause for clause in CLAUSE.split(text) if clause.strip())


def _is_about_this(clause: str) -> bool:
    if BARE.match(clause):
        return True
    return any(_is_said(clause[: found.start()].lower().split()[-NEAR:]) for found in ANYWHERE.finditer(clause))


def _is_said(before: list[str]) -> bool:
    """Tell whether what follows these words is said of this paper."""
    return OPEN.isdisjoint(before) and OF.isdisjoint(before[-1:])
