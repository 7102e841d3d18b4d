"""Titles, abstracts and authors without TeX for papers that were stored before there were plain forms."""

from django.db import transaction
from tqdm import tqdm

from papers.ingest.merging import PLAIN, read_plainly
from papers.models import Paper

BATCH = 500


def fill_missing(progress: bool = False) -> int:
    """Compute what papers lack, BATCH at a time, and return their number; each batch stays if the rest is cut short."""
    lacking = Paper.objects.filter(plain_title="").exclude(title="").order_by("pk")
    filled, last = 0, 0
    total = lacking.count()
    with tqdm(total=total, unit=" papers", disable=None if progress and total else True) as bar:
        while papers := fill(list(lacking.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH])):
            filled, last = filled + len(papers), papers[-1].pk
            bar.update(len(papers))
    return filled


@transaction.atomic
def fill(keys: list[int]) -> list[Paper]:
    """Load the papers, locked while they are read, so that no new text gets the plain form of an older one."""
    papers = list(Paper.objects.filter(pk__in=keys).order_by("pk").select_for_update())
    for paper in papers:
        read_plainly(paper, {})
    Paper.objects.bulk_update(papers, PLAIN)
    return papers
