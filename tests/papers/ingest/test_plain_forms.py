"""Papers that were stored before there were plain forms get them."""

from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from papers.ingest import plain_forms
from papers.models import Paper

pytestmark = pytest.mark.django_db


def stored(number: int, title: str = r"On $\alpha$", **changes: object) -> Paper:
    values = {"title": title, "abstract": r"Of 50\%.", "authors": [r"Jos\'e Lee"]} | changes
    return Paper.objects.create(identifier=f"2606.{number:05}", **values)


def test_a_paper_without_plain_forms_gets_all_of_them() -> None:
    paper = stored(1)
    assert plain_forms.fill_missing() == 1
    paper.refresh_from_db()
    assert (paper.plain_title, paper.plain_abstract, paper.plain_authors) == ("On α", "Of 50%.", ["José Lee"])
    assert paper.title_key == "onα"


def test_what_has_its_plain_form_is_left_alone() -> None:
    stored(1, plain_title="By hand")
    assert plain_forms.fill_missing() == 0
    assert Paper.objects.get().plain_title == "By hand"


def test_a_paper_does_not_count_as_changed_for_it() -> None:
    paper = stored(1)
    plain_forms.fill_missing()
    assert Paper.objects.get().updated_at == paper.updated_at


def test_a_second_run_has_nothing_to_do() -> None:
    stored(1)
    plain_forms.fill_missing()
    assert plain_forms.fill_missing() == 0


def test_batches_that_are_done_stay_when_the_rest_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        stored(number)
    monkeypatch.setattr(plain_forms, "BATCH", 2)
    keys = list(Paper.objects.order_by("pk").values_list("pk", flat=True))
    plain_forms.fill(keys[:2])
    assert Paper.objects.filter(plain_title="").count() == 3
    assert plain_forms.fill_missing() == 3


def test_a_batch_costs_the_same_number_of_queries_however_many_papers(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    keys = [stored(number).pk for number in range(30)]
    with django_assert_num_queries(4):
        plain_forms.fill(keys)


def test_a_paper_without_plain_forms_is_shown_as_served_on_one_line() -> None:
    paper = Paper(title="On\n  $x$", abstract="Two\nlines.", authors=["A"])
    assert (paper.shown_title, paper.shown_abstract, paper.shown_authors) == ("On $x$", "Two lines.", ["A"])


def test_a_paper_is_shown_in_its_plain_form() -> None:
    paper = Paper(title="$x$", plain_title="x", plain_abstract="y", plain_authors=["É"], authors=["E"])
    assert (paper.shown_title, paper.shown_abstract, paper.shown_authors, str(paper)) == ("x", "y", ["É"], "x")


def test_the_page_of_a_paper_shows_its_plain_form_and_cites_it_in_tex(client: Client) -> None:
    stored(1)
    plain_forms.fill_missing()
    page = client.get("/papers/2606.00001/").content.decode()
    title = r'<h1 dir="auto">On <span class="formula" data-tex="\alpha">α</span>'
    for piece in (title, "Of 50%.", '<meta name="citation_author" content="Lee, José">'):
        assert piece in page
    assert r"title         = {{On $\alpha$}}" in page


def test_a_comment_is_put_for_people_too(client: Client) -> None:
    stored(1, comment=r"$12$ pages, Universit\'e")
    assert "12 pages, Université" in client.get("/papers/2606.00001/").content.decode()


def forget_plain_titles() -> None:
    """Run what the migration runs, on the models of today."""
    migration = import_module("papers.migrations.0006_plain_forms_are_made_anew")
    migration.forget_plain_titles(apps, None)


@pytest.mark.parametrize(
    "changes", [{"title": r"On $\overline{AB}$"}, {"abstract": r"5 \arcsec"}, {"authors": [r"Jos{\'}e Lee"]}]
)
def test_a_paper_with_tex_is_read_again_when_the_rule_has_changed(changes: dict[str, object]) -> None:
    paper = stored(1, **{"title": "A", "abstract": "B", "authors": ["C"]} | changes)
    plain_forms.fill_missing()
    anew = (Paper.objects.get().plain_title, Paper.objects.get().title_key)
    Paper.objects.update(plain_title="of old", plain_abstract="of old", title_key="ofold")
    forget_plain_titles()
    assert plain_forms.fill_missing() == 1
    paper.refresh_from_db()
    assert (paper.plain_title, paper.title_key) == anew
    assert paper.plain_abstract != "of old"


def test_a_paper_without_tex_is_not_read_again() -> None:
    stored(1, title="A", abstract="B", authors=["C"], plain_title="A")
    forget_plain_titles()
    assert plain_forms.fill_missing() == 0
