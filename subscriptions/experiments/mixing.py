"""Mix the digests of willing readers from the two rankers of the experiment that runs."""

from collections.abc import Iterable, Sequence

from django.utils.crypto import salted_hmac

from recommender.ranking import picks
from recommender.ranking.interleaving import Mixed, interleaved
from recommender.ranking.reader import Candidates, Ranking, Reader
from recommender.ranking.variants import varied
from subscriptions.models import Comparison, Digest, Experiment

PURPOSE = "coins of an experiment"


def mixed(digests: Sequence[Digest], made: Sequence[tuple[Reader, Ranking]], pool: Candidates) -> list[Ranking | None]:
    """Return for each of these digests the ranking that mixes both rankers, None where it stays as it was made.

    A mixed digest gets its comparison, unsaved: Comparison.prepared finds it. One query, whether or not one runs.
    """
    experiment = Experiment.objects.running().first()
    if experiment is None:
        return [None] * len(digests)
    a, b = (_ranked(made, name, pool) for name in (experiment.ranker_a, experiment.ranker_b))
    return [
        _mix(experiment, digest, (of_a, of_b), reader, pool)
        for digest, (reader, _), of_a, of_b in zip(digests, made, a, b, strict=True)
    ]


def _ranked(made: Sequence[tuple[Reader, Ranking]], name: str, pool: Candidates) -> list[Ranking]:
    """Rank as a variant does; what it leaves as it was is not ranked again."""
    readers = [varied(reader, name) for reader, _ in made]
    changed = [at for at, (reader, _) in enumerate(made) if readers[at] is not reader]
    rankings = [ranking for _, ranking in made]
    anew = picks.rank([readers[at] for at in changed], pool) if changed else []
    for at, ranking in zip(changed, anew, strict=True):
        rankings[at] = ranking
    return rankings


def _mix(
    experiment: Experiment, digest: Digest, both: tuple[Ranking, Ranking], reader: Reader, pool: Candidates
) -> Ranking | None:
    """Mix one, if there is something to compare: where both bring the same, it stays as it was made."""
    with_itself = experiment.ranker_a == experiment.ranker_b
    mixture = interleaved(*both, reader, pool, coins(experiment, digest), alike_counts=with_itself)
    if not (mixture.team_a or mixture.team_b):
        return None
    _prepare(experiment, digest, mixture)
    return mixture.ranking


def _prepare(experiment: Experiment, digest: Digest, mixture: Mixed) -> None:
    """Make the comparison of a digest, which knows it from then on."""
    rank = {pick.paper_id: number for number, pick in enumerate(mixture.ranking.picks, 1)}
    a, b = (sorted(rank[paper] for paper in team) for team in (mixture.team_a, mixture.team_b))
    Comparison(experiment=experiment, digest=digest, team_a=a, team_b=b)


def coins(experiment: Experiment, digest: Digest) -> list[bool]:
    """Return 256 coins that nobody can foretell, and which fall the same when the digest is chosen again."""
    what = f"{experiment.pk} {digest.subscriber_id} {digest.local_date}"
    number = int.from_bytes(salted_hmac(PURPOSE, what, algorithm="sha256").digest(), "big")
    return [bool(number >> place & 1) for place in range(256)]


def store(digests: Iterable[Digest]) -> None:
    """Store the comparisons of those of these digests that were mixed; one that is chosen anew replaces its own."""
    made = []
    for digest in digests:
        if (comparison := Comparison.prepared(digest)) and digest.composed_at:
            comparison.made_at = digest.composed_at
            made.append(comparison)
    if made:
        Comparison.objects.bulk_create(
            made,
            update_conflicts=True,
            unique_fields=["digest"],
            update_fields=["experiment", "team_a", "team_b", "made_at", "settled_at", "ratings", "preference"],
        )
