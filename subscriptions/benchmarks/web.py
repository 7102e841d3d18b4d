"""How long pages take while many read, and while people see their digest change; beside a bare view of the same run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import CommandError
from django.urls import reverse
from django.utils.timezone import now

from papers.evaluation.rows import DataUnusable
from papers.models import Paper, Topic
from recommender.benchmarks import corpus
from recommender.benchmarks.figures import Detail, Figure
from recommender.benchmarks.search import excerpts
from recommender.benchmarks.site import NotServing, Site, serving
from recommender.index import scratch
from subscriptions.benchmarks import listed, servers
from subscriptions.benchmarks.visitors import Plan, Seen

PAPERS, SECONDS, RATE, TYPISTS = 20_000, 40.0, 50.0, 20
SEARCHES, SHOWN, FOLLOWED = 400, 60, 3
WARM_UP = 20.0  # seconds in which each worker reads the papers of previews
TOO_LATE = 60  # seconds beyond the measurement, after which the visitors are given up
HOST = "papers.example.org"
# As an operator has it, on the loopback behind a proxy that says who asks.
SITE = {
    "DEBUG": "false",
    "SECRET_KEY": "a long and random secret of the benchmark, which nobody uses anywhere else",
    "ALLOWED_HOSTS": f"{HOST},127.0.0.1",
    "SITE_URL": f"https://{HOST}",
    "TRUSTED_PROXIES": "1",
    "INSTANCE_ID": "benchmark",
    "EMAIL_URL": "smtp://127.0.0.1:9",
    "LOG_LEVEL": "WARNING",
}
LIMITS = {"home": 0.99, "topic": 0.99, "paper": 0.99, "search": 0.99, "preview": 0.95}  # which quantile is judged
ASSET = re.compile(r'(?:src|href)="(/static/[^"]+)"')


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--papers", type=int, default=PAPERS, metavar="N", help="stored (%(default)s)")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each measurement (%(default)s)")
    parser.add_argument("--rate", type=float, default=RATE, help="pages a second (%(default)s)")
    parser.add_argument("--typists", type=int, default=TYPISTS, help="who describe their interests (%(default)s)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="a folder of recorded data to make the papers of")


def measure(*, papers: int, data: Path | None, typists: int, **options: Any) -> Iterator[Figure]:
    """Yield a figure for each kind of page; raise CommandError where nothing can be measured."""
    try:
        models = corpus.from_folder(data) if data else corpus.from_database()
        with scratch.database() as url, TemporaryDirectory(prefix="pr") as folder:
            listed.spread(corpus.grow(models, papers), papers, now())
            plan = _plan(models, options["rate"], options["seconds"])
            _collect_static_files(url)
            bare = _bare(plan, Path(folder))
            with serving(url, **SITE) as site:
                site.wait()
                plan = replace(plan, port=site.port)
                weights = _weights(site, plan)
                crowd = _typing(plan, models, typists)
                _seen(replace(crowd, seconds=WARM_UP), "the same, until all is read and warm")
                reading = _seen(plan, "readers")
                typing = _seen(crowd, "readers and people who type")
    except (DataUnusable, NotServing) as error:
        raise CommandError(str(error)) from error
    details: dict[str, Detail] = {"papers": papers, "a_second": options["rate"], "typists": typists}
    for kind, quantile in LIMITS.items():
        seen = reading if kind in plan.pages else typing
        yield _figure(kind, quantile, _of(kind, seen), bare, details | weights.get(kind, {}) | _also(kind, typing))


def _plan(models: corpus.Models, rate: float, seconds: float) -> Plan:
    papers = Paper.objects.exclude(trend=None).order_by("-listed_on", "-pk")[:SHOWN]
    pages = {
        "home": ["/", "/?span=week"],
        "topic": [topic.get_absolute_url() for topic in Topic.objects.filter(is_active=True)[:SHOWN]],
        "paper": [paper.get_absolute_url() for paper in papers],
        "search": [f"{reverse('search')}?q={query.replace(' ', '+')}" for query in _plain(models, SEARCHES)],
    }
    return Plan(port=0, host=HOST, seconds=seconds, rate=rate, pages=pages)


def _plain(models: corpus.Models, count: int) -> list[str]:
    """Return queries in letters that an address takes as they are."""
    return [" ".join(re.findall("[A-Za-z]+", query)) or "a paper" for query in excerpts(models.abstracts, count)]


def _typing(plan: Plan, models: corpus.Models, count: int) -> Plan:
    topics = list(Topic.objects.filter(is_active=True).values_list("pk", flat=True)[:FOLLOWED])
    return replace(
        plan,
        texts=[models.abstracts[-nth - 1] for nth in range(count)],
        form=reverse("subscribe"),
        preview=reverse("subscribe_preview"),
        fields={"topics": topics},
    )


def _collect_static_files(url: str) -> None:
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"]
    environment = {**os.environ, **SITE, "DATABASE_URL": url, "VAR_DIR": str(settings.VAR_DIR)}
    subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True)


def _bare(plan: Plan, folder: Path) -> list[Seen]:
    """Return how a view that does nothing is seen, on the same server under the same load."""
    with servers.bare_site(folder, {**SITE, "VAR_DIR": str(folder)}) as port:
        return _seen(replace(plan, port=port, pages={"bare": ["/"]}), "a bare view")


def _seen(plan: Plan, words: str) -> list[Seen]:
    """Let visitors come for as long as the plan says; raise NotServing where they were not answered."""
    sys.stderr.write(f"{plan.seconds:.0f} s of {words} …\n")
    command = [sys.executable, "-m", "subscriptions.benchmarks.visitors"]
    done = subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        input=json.dumps(asdict(plan)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=plan.seconds + TOO_LATE,
    )
    seen = [Seen(**each) for each in json.loads(done.stdout)]
    if bad := [each for each in seen if each.status != 200]:
        raise NotServing(f"{len(bad)} of {len(seen)} requests failed, such as {bad[0].kind} with {bad[0].status}.")
    return seen


def _figure(kind: str, quantile: float, times: Sequence[float], bare: list[Seen], details: dict[str, Detail]) -> Figure:
    limit = _ms(_of("bare", bare), quantile)
    value = _ms(times, quantile)
    shown: dict[str, Detail] = {"median_ms": _ms(times, 0.5), "requests": len(times)}
    return Figure(f"{kind}, {100 * quantile:.0f} of 100", value, "ms", limit, value / limit, shown | details)


def _also(kind: str, typing: list[Seen]) -> dict[str, Detail]:
    """Return how the same pages are seen while people type."""
    times = _of(kind, typing)
    return {"while_typing_ms": _ms(times, LIMITS[kind])} if kind != "preview" else {}


def _of(kind: str, seen: list[Seen]) -> list[float]:
    return [each.seconds for each in seen if each.kind == kind]


def _ms(times: Sequence[float], quantile: float) -> float:
    return float(np.quantile(times, quantile)) * 1000


def _weights(site: Site, plan: Plan) -> dict[str, dict[str, Detail]]:
    """Return the kilobytes of each kind of page with all that it loads, uncompressed, and as our server sends them."""
    return {kind: _weight(site, paths[0]) for kind, paths in plan.pages.items()}


def _weight(site: Site, path: str) -> dict[str, Detail]:
    loaded = {found for found in ASSET.findall(site.page(path)) if "katex" not in found}
    plain = sum(len(site.page(each).encode()) for each in (path, *loaded))
    return {"kb": plain / 1000, "sent_kb": sum(site.sent(each) for each in (path, *loaded)) / 1000}
