from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from papers.models import Paper, Topic
from recommender.embedding import embed
from recommender.models import EmbeddingModel, PaperVector

pytestmark = pytest.mark.django_db
LISTS = ["embeddingmodel", "papertopic", "papervector", "topicvector"]


@pytest.fixture
def embedded(make_paper: Callable[..., Paper], make_topic: Callable[..., Topic], tiny_model: str) -> None:
    make_paper(1, "Robot grasping"), make_paper(2, "Robot learning"), make_topic("Robot grasping")
    embed.embed_missing(tiny_model)


@pytest.mark.parametrize("name", LISTS)
def test_what_was_computed_can_be_looked_at(embedded: None, admin_client: Client, name: str) -> None:
    assert admin_client.get(reverse(f"admin:recommender_{name}_changelist")).status_code == 200


def test_the_list_of_models_tells_which_serves_and_how_much_it_has_done(embedded: None, admin_client: Client) -> None:
    page = admin_client.get(reverse("admin:recommender_embeddingmodel_changelist")).content.decode()
    assert 'class="field-papers">2<' in page
    assert 'class="field-topics">1<' in page
    assert "icon-yes" in page


def test_vectors_cannot_be_changed_by_hand(embedded: None, admin_client: Client) -> None:
    vector = PaperVector.objects.first()
    url = reverse("admin:recommender_papervector_change", args=[vector.pk])
    assert admin_client.get(url).status_code == 200
    assert admin_client.post(url, {}).status_code == 403


def test_no_model_can_be_added_or_removed_by_hand(embedded: None, admin_client: Client) -> None:
    model = EmbeddingModel.objects.get()
    assert admin_client.get(reverse("admin:recommender_embeddingmodel_add")).status_code == 403
    assert admin_client.post(reverse("admin:recommender_embeddingmodel_delete", args=[model.pk])).status_code == 403


def test_a_list_costs_the_same_number_of_queries_for_more_rows(
    embedded: None,
    admin_client: Client,
    make_paper: Callable[..., Paper],
    tiny_model: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(10, 15):
        make_paper(number)
    embed.embed_missing(tiny_model)
    with django_assert_max_num_queries(8):
        admin_client.get(reverse("admin:recommender_papervector_changelist"))
