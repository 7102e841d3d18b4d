"""Pages about papers and topics, as a visitor gets them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import escape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from papers.models import Edition, EditionEntry, FeedState, Paper, Signal, Topic
from recommender.models import PaperTopic

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 30)
FRIDAY, SUNDAY, MONDAY, TUESDAY = (date(2026, 6, day) for day in (26, 28, 29, 30))
MORNING = datetime(2026, 6, 30, 8, 20, tzinfo=UTC)
Make = Callable[..., Paper]


@pytest.fixture
def make() -> Make:
    def make(number: int, day: date = TODAY, entry: dict[str, Any] | None = None, **fields: Any) -> Paper:
        words = {"title": f"Paper {number:03d}", "abstract": f"What paper {number} found.", "authors": ["Ann Lee"]}
        paper = Paper.objects.create(identifier=f"2606.{number:05d}", **(words | fields))
        edition, _ = Edition.objects.get_or_create(date=day)
        EditionEntry.objects.create(edition=edition, paper=paper, **(entry or {}))
        return paper

    return make


def text_of(client: Client, path: str, **headers: str) -> str:
    response = client.get(path, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def in_order(page: str, *pieces: str) -> bool:
    places = [page.find(piece) for piece in pieces]
    return -1 not in places and places == sorted(places)


def test_the_front_page_shows_the_newest_edition_by_trend(client: Client, make: Make) -> None:
    make(1, trend=0.2)
    make(2, trend=None)
    make(3, trend=0.9)
    make(4, day=TODAY - timedelta(days=1), trend=1.0)
    page = text_of(client, "/")
    assert in_order(page, "Paper 003", "Paper 001", "Paper 002")
    assert "Paper 004" not in page


@pytest.mark.parametrize(("span", "shown"), [("today", 1), ("week", 2), ("month", 3), ("nonsense", 1)])
def test_a_span_reaches_back_from_the_newest_edition(client: Client, make: Make, span: str, shown: int) -> None:
    for number, days in enumerate([0, 6, 29, 30]):
        make(number, day=TODAY - timedelta(days=days))
    assert text_of(client, f"/?span={span}").count('<article class="card') == shown


def several(make: Make, day: date, count: int, first: int) -> None:
    for number in range(first, first + count):
        make(number, day)


@pytest.mark.parametrize(
    ("came", "shown", "words"),
    [
        (1, "<bdi>Paper 159</bdi>", "Today’s list has 1 paper so far: these are Monday’s."),
        (9, "<bdi>Paper 159</bdi>", "Today’s list has 9 papers so far"),
        (10, "<bdi>Paper 900</bdi>", ""),
    ],
)
def test_a_young_list_does_not_replace_the_one_before(
    client: Client, make: Make, time_machine: object, came: int, shown: str, words: str
) -> None:
    several(make, MONDAY, 60, first=100)
    several(make, TUESDAY, came, first=900)
    time_machine.move_to(datetime(2026, 6, 30, 12, tzinfo=UTC), tick=False)
    today, week = (text_of(client, f"/?span={span}") for span in ("today", "week"))
    assert shown in today
    assert words in today
    assert ("so far" in today) == bool(words)
    assert f"{60 if words else came} papers" in today
    assert f"{60 + came} papers" in week
    assert "so far" not in week
    time_machine.move_to(datetime(2026, 7, 2, 12, tzinfo=UTC), tick=False)
    assert ("The list of Tuesday has only" in text_of(client, "/")) == bool(words)


def test_a_small_site_shows_its_small_lists(client: Client, make: Make) -> None:
    several(make, MONDAY, 4, first=100)
    several(make, TUESDAY, 1, first=900)
    page = client.get("/").content.decode()
    assert "Paper 900" in page
    assert "Paper 100" not in page


def test_a_thin_weekend_is_no_measure_for_the_list_after_it(client: Client, make: Make) -> None:
    several(make, FRIDAY, 60, first=100)
    several(make, SUNDAY, 2, first=800)
    several(make, MONDAY, 1, first=900)
    assert "Paper 159" in client.get("/").content.decode()


def test_a_young_list_with_a_paper_that_the_curator_features_is_shown(client: Client, make: Make) -> None:
    several(make, MONDAY, 60, first=100)
    make(900, TUESDAY, entry={"featured": True})
    assert "Paper 900" in client.get("/").content.decode()


def test_an_edition_whose_papers_are_all_withdrawn_does_not_blank_the_front_page(client: Client, make: Make) -> None:
    make(1, MONDAY)
    make(2, TUESDAY, withdrawn_on=TUESDAY)
    assert "Paper 001<" in client.get("/").content.decode()


def test_an_edition_without_papers_does_not_blank_the_front_page(client: Client, make: Make) -> None:
    make(1)
    Edition.objects.create(date=TODAY + timedelta(days=1))
    assert "Paper 001" in text_of(client, "/")


def test_a_paper_in_two_editions_of_the_span_is_shown_once(client: Client, make: Make) -> None:
    paper = make(1)
    older = Edition.objects.create(date=TODAY - timedelta(days=1))
    EditionEntry.objects.create(edition=older, paper=paper)
    assert text_of(client, "/?span=week").count('<article class="card') == 1


def test_what_the_curator_hid_is_absent_and_what_was_featured_comes_first(client: Client, make: Make) -> None:
    make(1, trend=0.9)
    make(2, trend=0.1, entry={"featured": True, "note": "Read the proof."})
    make(3, entry={"hidden": True})
    Edition.objects.update(note="A quiet day.")
    page = text_of(client, "/")
    assert in_order(page, "A quiet day.", "Paper 002", "Read the proof.", "Paper 001")
    assert "Paper 003" not in page


def test_a_site_without_papers_says_when_to_expect_some(client: Client) -> None:
    assert "No papers yet" in text_of(client, "/")


def test_a_long_list_is_paged_and_keeps_counting(client: Client, make: Make) -> None:
    for number in range(31):
        make(number)
    assert "?span=today&amp;page=2" in text_of(client, "/")
    second = text_of(client, "/?page=2")
    assert 'start="31"' in second
    assert second.count('<article class="card') == 1


@pytest.mark.parametrize("page", ["0", "99", "x", "-1", "9" * 40])
def test_a_page_that_does_not_exist_is_answered_with_one_that_does(client: Client, make: Make, page: str) -> None:
    make(1)
    assert "Paper 001" in text_of(client, f"/?page={page}")


def test_counts_are_the_newest_seen_and_unknown_is_not_zero(client: Client, make: Make) -> None:
    counted, unknown = make(1, trend=0.95), make(2)
    for hours, value in [(0, 4), (2, 61), (1, 30)]:
        Signal.objects.create(paper=counted, kind="upvotes", value=value, observed_at=MORNING + timedelta(hours=hours))
    Signal.objects.create(paper=counted, kind="stars", value=1234, observed_at=MORNING)
    page = text_of(client, "/")
    assert in_order(page, "Paper 001", "top 5 %", "61 upvotes", "1.2k stars", "Paper 002", "attention unknown")
    assert "0 upvotes" not in text_of(client, unknown.get_absolute_url())


def test_the_number_of_queries_does_not_grow_with_the_papers(
    client: Client, make: Make, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        make(number, entry={"note": "Good."})
    with django_assert_max_num_queries(13):
        text_of(client, "/")


def test_a_script_gets_the_list_alone_and_caches_keep_the_two_apart(client: Client, make: Make) -> None:
    make(1)
    part = client.get("/?span=week", headers={"HX-Request": "true"})
    assert "Paper 001" in part.content.decode()
    assert "<html" not in part.content.decode()
    assert "HX-Request" in part.headers["Vary"]


def test_going_back_in_history_gets_the_whole_page(client: Client) -> None:
    assert "<html" in text_of(client, "/", **{"HX-Request": "true", "HX-History-Restore-Request": "true"})


def test_the_page_of_a_paper_shows_what_is_known_and_from_where(client: Client, make: Make) -> None:
    paper = make(
        1,
        categories=["cs.LG", "stat.ML"],
        primary_category="cs.LG",
        published_on=TODAY,
        github_repo="https://github.com/a/b",
        project_page="https://example.org/p",
        machine_summary="Short.",
        comment="12 pages",
    )
    Signal.objects.create(paper=paper, kind="upvotes", value=61, observed_at=MORNING)
    page = text_of(client, "/papers/2606.00001/")
    for piece in ["What paper 1 found.", "cs.LG, stat.ML", "12 pages", "61", "30 Jun, 08:20"]:
        assert piece in page
    for link in ["https://arxiv.org/abs/2606.00001", "https://github.com/a/b", "https://example.org/p"]:
        assert f'href="{link}"' in page
    assert in_order(page, "Summary written by a machine", "Short.")
    assert in_order(page, '<meta name="citation_title" content="Paper 001">', "@misc{lee2026paper,")
    assert '<meta name="citation_publication_date" content="2026/06/30">' in page


def test_a_topic_near_the_paper_is_linked_from_its_page(client: Client, make: Make) -> None:
    topic = Topic.objects.create(slug="robots", name="Robots", field="cs", description="Arms.")
    PaperTopic.objects.create(paper=make(1), topic=topic, similarity=0.6)
    assert 'href="/topics/robots/"' in text_of(client, "/papers/2606.00001/")


@pytest.mark.parametrize("form", ["2606.00001v2", "arXiv:2606.00001", "ARXIV:2606.00001V1", "2606.00001.pdf"])
def test_other_forms_of_an_id_lead_to_the_one_page(client: Client, make: Make, form: str) -> None:
    make(1)
    response = client.get(f"/papers/{form}/")
    assert response.status_code == 301
    assert response.headers["Location"] == "/papers/2606.00001/"


def test_an_identifier_with_a_slash_has_a_page(client: Client) -> None:
    Paper.objects.create(identifier="math/0309136", title="Old", abstract="Still true.")
    assert "Still true." in text_of(client, "/papers/math/0309136/")
    assert client.get("/papers/math.GT/0309136v1/").headers["Location"] == "/papers/math/0309136/"


def test_an_unknown_paper_gets_a_way_on(client: Client) -> None:
    response = client.get("/papers/2501.99999/")
    assert response.status_code == 404
    assert 'href="https://arxiv.org/abs/2501.99999"' in response.content.decode()


@pytest.mark.parametrize("path", ["/papers/<script>alert(1)</script>/", "/topics/none/", "/nothing/here"])
def test_a_page_that_is_not_there_says_so_kindly(client: Client, path: str) -> None:
    response = client.get(path)
    page = response.content.decode()
    assert response.status_code == 404
    assert "<script>alert" not in page
    assert 'role="search"' in page


@pytest.mark.parametrize("nasty", ["<script>alert(1)</script>", "a<b & c>d", '"><img src=x onerror=y>', "{{ 7*7 }}"])
def test_text_is_text_wherever_it_comes_from(client: Client, make: Make, nasty: str) -> None:
    make(1, title=nasty, abstract=nasty, authors=[nasty], machine_summary=nasty, comment=nasty, entry={"note": nasty})
    for path in ["/", "/papers/2606.00001/"]:
        page = text_of(client, path)
        assert escape(nasty) in page
        assert nasty not in page or nasty == "{{ 7*7 }}"


def test_a_link_that_is_no_web_address_is_not_shown(client: Client, make: Make) -> None:
    make(1, github_repo="javascript:alert(1)", project_page="javascript:alert(2)")
    assert "javascript:" not in text_of(client, "/") + text_of(client, "/papers/2606.00001/")


def test_topics_are_listed_by_field_with_their_recent_papers(client: Client, make: Make) -> None:
    robots = Topic.objects.create(slug="robots", name="Robots", field="cs", description="Arms.")
    Topic.objects.create(slug="knots", name="Knots", field="math", description="Strings.")
    Topic.objects.create(slug="gone", name="Gone", field="math", description="Old.", is_active=False)
    recent, old = timezone.localdate(), timezone.localdate() - timedelta(days=31)
    PaperTopic.objects.create(paper=make(1, announced_on=recent), topic=robots, similarity=0.6)
    PaperTopic.objects.create(paper=make(2, announced_on=old), topic=robots, similarity=0.6)
    page = text_of(client, "/topics/")
    assert in_order(page, "Computer science", "Robots", "<span>1<", "Mathematics", "Knots", "<span>0<")
    assert "Gone" not in page


def test_a_topic_shows_its_papers_and_can_be_followed(client: Client, make: Make) -> None:
    topic = Topic.objects.create(slug="robots", name="Robots", field="cs", description="Arms and legs.")
    today = timezone.localdate()
    for number, similarity, trend in [(1, 0.50, 0.1), (2, 0.49, 0.9), (3, 0.70, None)]:
        paper = make(number, announced_on=today, trend=trend)
        PaperTopic.objects.create(paper=paper, topic=topic, similarity=similarity)
    page = text_of(client, "/topics/robots/")
    assert in_order(page, "Arms and legs.", "Paper 003", "Paper 002", "Paper 001")
    assert 'href="/subscribe/?topic=robots"' in page


def test_a_topic_without_papers_says_so(client: Client) -> None:
    Topic.objects.create(slug="robots", name="Robots", field="cs", description="Arms.")
    assert "Nothing close enough" in text_of(client, "/topics/robots/")


def test_sample_papers_are_called_sample_papers(client: Client, make: Make) -> None:
    make(1)
    assert "Sample papers" not in text_of(client, "/")
    FeedState.objects.create(source="sample", last_success_at=MORNING)
    assert "Sample papers: the live sources could not be reached" in text_of(client, "/")


def test_the_about_page_says_how_trend_is_computed_and_what_is_stored(client: Client) -> None:
    page = text_of(client, "/about/")
    assert in_order(page, 'id="trend"', "Unknown is not zero", 'id="stored"')


def test_robots_stay_away_from_pages_behind_tokens(client: Client) -> None:
    response = client.get("/robots.txt")
    assert response.headers["Content-Type"].startswith("text/plain")
    for folder in ["/confirm/", "/preferences/", "/u/", "/digests/"]:
        assert f"Disallow: {folder}\n" in response.content.decode()


@pytest.mark.parametrize("path", ["/", "/topics/", "/about/", "/search/", "/robots.txt"])
def test_pages_are_for_reading_only(client: Client, path: str) -> None:
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405


@pytest.mark.parametrize(
    "path", ["/", "/papers/2606.00001/", "/topics/", "/topics/robots/", "/about/", "/search/?q=paper"]
)
def test_no_page_has_style_or_script_inline_or_loads_anything_from_elsewhere(
    client: Client, make: Make, path: str
) -> None:
    make(1)
    Topic.objects.create(slug="robots", name="Robots", field="cs", description="Arms.")
    page = text_of(client, path)
    assert " style=" not in page
    assert "<style" not in page
    assert " onclick=" not in page
    assert page.count("<script") == page.count('<script src="/static/')
    assert 'src="http' not in page
    assert '<link rel="stylesheet" href="/static/' in page
