"""Say what an experiment has found so far, in numbers and in a sentence that may be read every day."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import ceil

from django.db.models import Count, Max, Q

from recommender.evaluation.sequential import ALPHA, MOST, Judged, judge, throws_needed
from recommender.ranking.variants import VARIANTS
from subscriptions.models import Comparison, Experiment, Preference, Subscriber

MARGIN = 0.1  # of the share: a difference of less is not worth a longer wait
OF_ONE = 0.2  # of all that prefer: beyond that one reader's taste may be all there is to see
FEW = 10  # that prefer; of fewer no share is told


@dataclass(frozen=True, slots=True)
class Found:
    """What was counted: digests, and the readers they went to."""

    mixed: int
    settled: int
    rated: int
    readers: int  # whose digests preferred one team
    most_of_one: int  # of these digests, of one reader
    willing: int  # readers who would take part today
    judged: Judged


def found(experiment: Experiment) -> Found:
    """Count an experiment's digests; three queries."""
    settled, preferring = Q(settled_at__isnull=False), ~Q(preference=Preference.NEITHER)
    rows = Comparison.objects.filter(experiment=experiment).order_by()
    counts = rows.aggregate(
        mixed=Count("pk"),
        settled=Count("pk", filter=settled),
        rated=Count("pk", filter=settled & Q(ratings__gt=0)),
        a=Count("pk", filter=Q(preference=Preference.A)),
        b=Count("pk", filter=Q(preference=Preference.B)),
        readers=Count("digest__subscriber", filter=preferring, distinct=True),
    )
    of_each = rows.filter(preferring).values("digest__subscriber").annotate(count=Count("pk"))
    most = of_each.aggregate(most=Max("count"))["most"] or 0
    judged = judge(counts.pop("a"), counts.pop("b"))
    return Found(**counts, most_of_one=most, willing=Subscriber.objects.willing().count(), judged=judged)


def verdict(seen: Found) -> str:
    """Return the one sentence: which is better, that neither is by much, or how much longer it takes."""
    judged = seen.judged
    if judged.is_real:
        better, share = ("B", judged.b) if judged.b > judged.a else ("A", judged.a)
        low, high = (judged.low, judged.high) if better == "B" else (1 - judged.high, 1 - judged.low)
        return (
            f"{better} is better: {share / judged.throws:.0%} of the digests that prefer one prefer it "
            f"(p {_p(judged.p)}, interval {low:.0%} to {high:.0%}, which holds at all looks together)."
        )
    if judged.farthest <= MARGIN:
        return (
            f"No difference larger than {judged.farthest:.0%} could be seen: of the digests that prefer one, "
            f"{judged.low:.0%} to {judged.high:.0%} prefer B."
        )
    return f"Not enough yet: {_more(seen)}."


def _more(seen: Found) -> str:
    needed = throws_needed(seen.judged, MARGIN) - seen.judged.throws
    if seen.judged.throws < FEW or not seen.rated:
        return f"about {needed} more digests that prefer one, of which there are {seen.judged.throws}"
    rated = ceil(needed * seen.rated / seen.judged.throws)
    return f"about {rated:,} more rated digests" if needed < MOST else "more rated digests than there will ever be"


def _p(p: float) -> str:
    return f"{p:.3f}" if p >= 0.001 else "below .001"


def lines(experiment: Experiment, seen: Found) -> Iterator[str]:
    """Yield the whole report, for people."""
    ended = f"stopped on {experiment.stopped_at:%d %b %Y}" if experiment.stopped_at else "running"
    yield f"{experiment.name}, since {experiment.started_at:%d %b %Y}, {ended}"
    for letter, name in (("A", experiment.ranker_a), ("B", experiment.ranker_b)):
        yield f"  {letter}  {name}: {VARIANTS[name].says if name in VARIANTS else 'a variant of an earlier release'}"
    judged = seen.judged
    yield f"{seen.willing:,} readers are willing; {seen.mixed:,} digests were mixed, {seen.settled:,} are a week old"
    yield f"of these {seen.rated:,} were rated; {judged.a:,} prefer A, {judged.b:,} prefer B ({seen.readers:,} readers)"
    if judged.throws >= FEW and seen.most_of_one > OF_ONE * judged.throws:
        yield f"one reader has given {seen.most_of_one} of {judged.throws}: this may be their taste and not everybody's"
    yield verdict(seen)


def as_data(experiment: Experiment, seen: Found) -> dict[str, object]:
    """Return the same for programs."""
    return {
        "experiment": experiment.name,
        "a": experiment.ranker_a,
        "b": experiment.ranker_b,
        "started_at": experiment.started_at.isoformat(),
        "stopped_at": experiment.stopped_at.isoformat() if experiment.stopped_at else None,
        "alpha": ALPHA,
        **asdict(seen),
        "is_real": seen.judged.is_real,
        "verdict": verdict(seen),
    }
