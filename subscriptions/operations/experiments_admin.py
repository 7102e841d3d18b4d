"""Experiments in the admin: looked at there, started and stopped by manage.py evaluate live."""

from django.contrib import admin

from papers.admin_rights import GuardedAdmin, ReadOnly
from subscriptions.experiments.verdicts import found, lines
from subscriptions.models import Experiment
from subscriptions.staff.people_admin import ReadOnlyAboutPeople


class ExperimentAdmin(ReadOnly, GuardedAdmin):
    list_display = ["name", "ranker_a", "ranker_b", "started_at", "stopped_at"]
    fields = ["name", "ranker_a", "ranker_b", "started_at", "stopped_at", "what_it_found"]
    readonly_fields = ["what_it_found"]

    @admin.display(description="what it found so far")
    def what_it_found(self, experiment: Experiment) -> str:
        return "\n".join(lines(experiment, found(experiment)))


class ComparisonAdmin(ReadOnlyAboutPeople):
    list_display = ["digest", "experiment", "made_at", "settled_at", "ratings", "preference"]
    list_filter = ["experiment", "preference"]
    list_select_related = ["digest__subscriber", "experiment"]
    date_hierarchy = "made_at"
