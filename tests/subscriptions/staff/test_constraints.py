"""A form of the admin can break no rule of the database that it does not check itself."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import BaseConstraint, CheckConstraint, Model, UniqueConstraint
from django.test import RequestFactory

OURS = ("papers", "recommender", "subscriptions")
# Rules that a form keeps by itself: an entry that is shown again is separated from what it was merged into.
KEPT = {"merged_is_hidden"}
MODELS = [model for model in admin.site._registry if model._meta.app_label in OURS]


def fields_of(constraint: BaseConstraint) -> set[str]:
    if isinstance(constraint, CheckConstraint):
        return {name.partition("__")[0] for name in constraint.condition.referenced_base_fields}
    assert isinstance(constraint, UniqueConstraint)
    return set(constraint.fields)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_who_may_change_a_part_of_what_a_rule_is_about_may_change_all_of_it(model: type[Model]) -> None:
    """Django does not check a rule of which the form leaves out a field, and the database answers with an error."""
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_active=True, is_staff=True)
    form = admin.site.get_model_admin(model).get_form(request, model(), change=True)
    for constraint in model._meta.constraints:
        if constraint.name in KEPT:
            continue
        fields = fields_of(constraint)
        changed = fields & set(form.base_fields)
        assert changed in (set(), fields), f"{constraint.name}: {fields - changed} cannot be changed beside {changed}"
