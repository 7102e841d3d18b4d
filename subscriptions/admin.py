from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from papers.admin_lists import TEXTS_OF_ITS_PAPER, Long
from papers.admin_rights import asks_for
from papers.models import Topic
from papers.shared_clock import now
from subscriptions.curating import admin as curating_admin  # noqa: F401  registers editions with their desk
from subscriptions.curating.topics_admin import TopicAdmin
from subscriptions.models import (
    AccountMail,
    AddressChange,
    AwaitedEntry,
    BounceScore,
    Comparison,
    Consent,
    Control,
    DayCount,
    DeliveryEvent,
    Departure,
    Digest,
    Experiment,
    Feedback,
    HostRules,
    Interest,
    LibraryUpload,
    RateBucket,
    Run,
    SignUp,
    Subscriber,
    Suppression,
)
from subscriptions.operations.charts_admin import DayCountAdmin, DepartureAdmin
from subscriptions.operations.control_admin import ControlAdmin, HostRulesAdmin, RateBucketAdmin
from subscriptions.operations.digests_admin import DigestAdmin
from subscriptions.operations.experiments_admin import ComparisonAdmin, ExperimentAdmin
from subscriptions.operations.runs_admin import RunAdmin
from subscriptions.reports.classification import UNREADABLE
from subscriptions.staff import admin as staff_admin  # noqa: F401  registers who signs in, and the log
from subscriptions.staff.mail_previews import LeadsToMail
from subscriptions.staff.people_admin import AboutPeople, ReadOnlyAboutPeople, SubscriberAdmin, SuppressionAdmin

admin.site.register(Topic, TopicAdmin)
admin.site.register(Control, ControlAdmin)
admin.site.register(Run, RunAdmin)
admin.site.register(DayCount, DayCountAdmin)
admin.site.register(Departure, DepartureAdmin)
admin.site.register(Digest, DigestAdmin)
admin.site.register(Experiment, ExperimentAdmin)
admin.site.register(Comparison, ComparisonAdmin)
admin.site.register(RateBucket, RateBucketAdmin)
admin.site.register(HostRules, HostRulesAdmin)
admin.site.register(Subscriber, SubscriberAdmin)
admin.site.register(Suppression, SuppressionAdmin)


@admin.register(AddressChange)
class AddressChangeAdmin(ReadOnlyAboutPeople):
    list_display = ["subscriber", "requested_at", "confirmed_at"]
    list_select_related = ["subscriber"]
    search_fields = ["subscriber__email"]


@admin.register(AccountMail)
class AccountMailAdmin(Long, LeadsToMail, ReadOnlyAboutPeople):
    kind_of_mail = "account_mail"
    list_display = ["subscriber", "kind", "status", "reason", "attempts", "created_at", "finished_at"]
    list_filter = ["kind", "status"]
    list_select_related = ["subscriber"]
    search_fields = ["subscriber__email"]


@admin.register(DeliveryEvent)
class DeliveryEventAdmin(Long, ReadOnlyAboutPeople):
    list_display = ["received_at", "event_type", "meaning", "subscriber", "digest", "provider", "status", "error"]
    list_filter = ["status", "meaning"]
    list_select_related = ["subscriber", "digest__subscriber"]
    search_fields = ["subscriber__email"]
    actions = ["process_again"]

    has_process_again_permission = asks_for("process_again")

    @admin.action(description="Process again those that were given up", permissions=["process_again"])
    def process_again(self, request: HttpRequest, queryset: QuerySet[DeliveryEvent]) -> None:
        def act(event: DeliveryEvent) -> int:
            return DeliveryEvent.objects.filter(pk=event.pk).exclude(event_type=UNREADABLE).again(now())

        count = self.do_each(request, queryset, act, "To be processed again.")
        self.message_user(request, f"{count} will be tried again within a minute.", messages.SUCCESS)


@admin.register(BounceScore)
class BounceScoreAdmin(ReadOnlyAboutPeople):
    list_display = ["__str__", "score", "counted_on", "counts_since"]
    ordering = ["-score"]


@admin.register(Interest)
class InterestAdmin(Long, ReadOnlyAboutPeople):
    list_display = ["subscriber", "kind", "__str__", "created_at"]
    list_filter = ["kind", "topic"]
    list_select_related = ["subscriber", "topic"]
    search_fields = ["subscriber__email", "text"]


@admin.register(Consent)
class ConsentAdmin(Long, ReadOnlyAboutPeople):
    list_display = ["subscriber", "source", "requested_at", "confirmed_at", "withdrawn_at"]
    list_select_related = ["subscriber"]
    search_fields = ["subscriber__email"]


@admin.register(Feedback)
class FeedbackAdmin(Long, ReadOnlyAboutPeople):
    list_display = ["subscriber", "paper", "kind", "at"]
    list_filter = ["kind"]
    list_select_related = ["subscriber", "paper"]
    unlisted = TEXTS_OF_ITS_PAPER
    search_fields = ["subscriber__email", "=paper__identifier"]


@admin.register(LibraryUpload)
class LibraryUploadAdmin(ReadOnlyAboutPeople):
    list_display = ["subscriber", "state", "size", "uploaded_at", "finished_at", "here", "looked_up", "unknown"]
    list_filter = ["state"]
    list_select_related = ["subscriber"]
    search_fields = ["subscriber__email"]


@admin.register(AwaitedEntry)
class AwaitedEntryAdmin(ReadOnlyAboutPeople):
    """Entries of libraries that are judged when arXiv has told of the paper whose identifier they name."""

    list_display = ["subscriber", "arxiv_id", "title", "is_suspect", "noted_at"]
    list_filter = ["is_suspect"]
    list_select_related = ["subscriber"]
    search_fields = ["subscriber__email", "=arxiv_id"]
    date_hierarchy = "noted_at"


@admin.register(SignUp)
class SignUpAdmin(ReadOnlyAboutPeople):
    """Sign-ups that wait for their turn: on a quiet day none. The rows of a flood can be deleted."""

    list_display = ["email", "requested_at", "next_attempt_at", "waits_for", "proven"]
    list_per_page = 100
    list_filter = ["proven", "waits_for"]
    search_fields = ["email", "=network_key"]
    date_hierarchy = "requested_at"

    def has_delete_permission(self, request: HttpRequest, obj: SignUp | None = None) -> bool:
        return AboutPeople.has_delete_permission(self, request, obj)
