"""Nothing in the admin does more for somebody than their rights say: every way in is tried by four people."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import URLPattern, path, reverse

from papers import admin_checks
from papers.models import Paper, Topic
from subscriptions.models import AddressChange, Consent, Digest, Subscriber
from subscriptions.people import tokens
from subscriptions.people.tokens import Purpose
from tests.database_dump import lines_with
from tests.subscriptions.staff.conftest import SECRET_WORDS, signed_in, staff, viewer
from tests.subscriptions.staff.walk import address, all_ways, every_page, right, words_in

pytestmark = pytest.mark.django_db
OURS = ("papers", "recommender", "subscriptions")


def everything_stored() -> list[str]:
    return sorted(line for line in lines_with("") if not line.startswith(("django_session", "axes_")))


@pytest.mark.parametrize("who", ["nobody", "viewer", "curator", "operator"])
def test_each_page_button_and_action_is_refused_without_its_right(
    reader: Subscriber, everybody: dict[str, User], who: str
) -> None:
    user = everybody[who]
    client, before = signed_in(user), everything_stored()
    shut = [way for way in all_ways() if not way.open_to(user)]
    for way in shut:
        answer = way.go(client)
        if way.fields and user.has_perm(right(way.model_admin, "view")) and answer.status_code != 403:
            # The list once more, which did not know such an action.
            assert answer.status_code in {200, 302}, way
            assert b"Are you sure" not in answer.content, way
        else:
            assert answer.status_code == 403, way
        assert everything_stored() == before, way
    assert len(shut) > 20


def test_who_has_a_right_gets_through(reader: Subscriber, everybody: dict[str, User]) -> None:
    client = signed_in(everybody["operator"])
    reading = [way for way in all_ways() if way.method == "GET" and way.open_to(everybody["operator"])]
    for way in reading:
        answer = way.go(client)
        read_only = not way.model_admin.has_add_permission(answer.wsgi_request) and way.url.endswith("/add/")  # type: ignore[attr-defined]
        assert answer.status_code == (403 if read_only else 200), way
    assert len(reading) > 60


def test_whoever_may_only_look_is_offered_no_button(reader: Subscriber) -> None:
    client = signed_in(viewer())
    for model_admin in admin.site._registry.values():
        for page in (address(model_admin, "changelist"), reverse("admin:index")):
            text = client.get(page).content.decode()
            assert not [name for name in ('name="action"', 'name="_save"', "/preview/", "deletelink") if name in text]


def test_a_superuser_gets_everywhere(admin_client: Client, reader: Subscriber) -> None:
    ways = [way for way in all_ways() if way.method == "GET"]
    assert len(ways) > 60
    for way in ways:
        allowed = {200, 403} if way.url.endswith(("/add/", "/delete/")) else {200}
        assert way.go(admin_client).status_code in allowed, way


def test_everything_in_the_admin_names_its_right() -> None:
    assert admin_checks.everything_in_the_admin_names_its_right() == []


def test_what_names_none_is_an_error() -> None:
    class Careless(admin.ModelAdmin):  # type: ignore[type-arg]
        actions = ["forget"]

        def get_urls(self) -> list[URLPattern]:
            return [path("all/", self.admin_site.admin_view(self.everything), name="everything"), *super().get_urls()]

        def everything(self, request: object) -> None: ...

        def forget(self, request: object, queryset: object) -> None: ...

        def changelist_view(self, request: object, extra_context: object = None) -> None: ...  # type: ignore[override]

    found = list(admin_checks.undeclared(Careless(Paper, admin.site)))
    assert found == ["the action forget", "the page all/", "the view changelist_view"]


class TestAddresses:
    """Who may not look at subscribers sees no address of one anywhere."""

    def people(self) -> list[User]:
        """The curator, and one who may look at everything else, and delete it."""
        others = Permission.objects.exclude(codename="view_subscriber")
        user = staff("vincent")
        user.user_permissions.set(others.filter(codename__regex="^(view|delete|add|change)_"))
        return [staff("clara", group="curator"), user]

    def test_no_page_shows_one(self, reader: Subscriber) -> None:
        topic = Topic.objects.filter(followers__subscriber=reader).first()
        assert topic
        for user in self.people():
            client = signed_in(user)
            pages = [*every_page(), reverse("admin:papers_topic_delete", args=[topic.pk])]
            shown = {page: found for page in pages if (found := words_in(client.get(page), SECRET_WORDS))}
            assert shown == {}
            assert len(pages) > 150

    def test_nor_what_deleting_a_paper_or_topic_would_take_with_it(self, reader: Subscriber) -> None:
        for user in self.people():
            client = signed_in(user)
            for model in ("paper", "topic", "editionentry", "edition"):
                keys = list(apps.get_model("papers", model)._default_manager.values_list("pk", flat=True))
                fields = {"action": "delete_selected", "_selected_action": keys}
                answer = client.post(reverse(f"admin:papers_{model}_changelist"), fields)
                assert words_in(answer, SECRET_WORDS) == []
                assert not re.findall("/admin/subscriptions/[a-z]+/[0-9]+/", answer.content.decode())

    def test_nor_does_a_filter_tell_one(self, reader: Subscriber) -> None:
        client = signed_in(self.people()[1])
        for model, lookup in [("paper", "feedback__subscriber__email"), ("topic", "followers__subscriber__email")]:
            answer = client.get(reverse(f"admin:papers_{model}_changelist"), {f"{lookup}__startswith": "z"})
            assert answer.status_code == 400 or answer.url.endswith("?e=1")  # type: ignore[attr-defined]

    def test_an_operator_does_see_them(self, reader: Subscriber) -> None:
        client = signed_in(staff("oskar", group="operator"))
        for model in ("subscriber", "digest", "feedback", "accountmail"):
            assert words_in(client.get(reverse(f"admin:subscriptions_{model}_changelist")), SECRET_WORDS)


class TestPreview:
    """What staff see of a digest carries nothing that acts in the reader's name."""

    def tokens_of(self) -> set[str]:
        rows = [*Subscriber.objects.all(), *Digest.objects.all(), *Consent.objects.all(), *AddressChange.objects.all()]
        return {tokens.make(purpose, row.handle) for purpose in Purpose for row in rows}

    def test_it_needs_a_right_of_its_own(self, reader: Subscriber) -> None:
        url = reverse("admin:subscriber-preview", args=[reader.pk])
        assert signed_in(staff("a", "subscriptions.view_subscriber")).get(url).status_code == 403
        assert signed_in(staff("b", "subscriptions.preview_subscriber")).get(url).status_code == 403
        both = ("subscriptions.view_subscriber", "subscriptions.preview_subscriber")
        assert signed_in(staff("c", *both)).get(url).status_code == 200
        assert signed_in(staff("d", *both)).post(url).status_code == 405

    def test_it_is_entered_in_the_log(self, reader: Subscriber, admin_client: Client) -> None:
        LogEntry.objects.all().delete()
        admin_client.get(reverse("admin:subscriber-preview", args=[reader.pk]))
        entry = LogEntry.objects.get()
        assert (entry.object_repr, entry.object_id) == (f"subscriber {reader.pk}", str(reader.pk))
        assert "preview" in entry.get_change_message()

    def test_no_page_of_the_admin_shows_a_link_that_works(self, reader: Subscriber, admin_client: Client) -> None:
        known = self.tokens_of()
        assert len(known) > 15
        for page in every_page():
            text = admin_client.get(page).content.decode(errors="replace")
            assert not [token for token in known if token in text], page


class TestGroups:
    def rights_of(self, name: str) -> set[str]:
        staff("somebody", group=name)
        return set(Group.objects.get(name=name).permissions.values_list("codename", flat=True))

    @pytest.mark.parametrize("flushed", [False, True])
    def test_an_operator_may_look_at_every_model_of_ours(self, flushed: bool) -> None:
        """A new model: let a new migration give its view_… to the group, as subscriptions/migrations/0018 does."""
        if flushed:
            Group.objects.all().delete()
        models = [model._meta.model_name for model in admin.site._registry if model._meta.app_label in OURS]
        assert {f"view_{name}" for name in models} <= self.rights_of("operator")

    def test_an_operator_may_do_whatever_is_our_own_to_do(self) -> None:
        """A new right: give it to the group that needs it in a new migration, or name it here with the reason."""
        own = {codename for model in admin.site._registry for codename, _ in model._meta.permissions}
        assert own <= self.rights_of("operator")
        assert len(own) >= 10

    def test_a_curator_has_no_right_outside_of_papers(self) -> None:
        self.rights_of("curator")
        apps = Permission.objects.filter(group__name="curator").values_list("content_type__app_label", flat=True)
        assert set(apps) == {"papers"}

    def test_neither_changes_accounts(self) -> None:
        assert not {
            name
            for group in ("operator", "curator")
            for name in self.rights_of_existing(group)
            if name.endswith(("_user", "_group"))
        }

    def rights_of_existing(self, name: str) -> set[str]:
        User.objects.filter(username="somebody").delete()
        return self.rights_of(name)

    def test_what_an_owner_made_of_a_group_stays(self) -> None:
        staff("somebody", group="curator")
        group = Group.objects.get(name="curator")
        group.permissions.set(Permission.objects.filter(codename="view_paper"))
        staff("another", group="curator")
        assert list(group.permissions.values_list("codename", flat=True)) == ["view_paper"]

    def test_accounts_are_for_superusers_even_where_somebody_was_given_the_right(self) -> None:
        """Whoever may change an account could make themselves a superuser."""
        user = staff("eve", "auth.view_user", "auth.change_user", "auth.add_user", "auth.change_group")
        client = signed_in(user)
        own = reverse("admin:auth_user_change", args=[user.pk])
        assert client.post(own, {"username": "eve", "is_superuser": "on"}).status_code == 403
        assert client.get(reverse("admin:auth_user_password_change", args=[user.pk])).status_code == 403
        assert client.get(reverse("admin:auth_group_changelist")).status_code == 403
