from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    name = "subscriptions"

    def ready(self) -> None:
        from anymail.signals import tracking

        from subscriptions import checks  # noqa: F401  registers the system checks
        from subscriptions.reports.receiver import on_tracking_event
        from subscriptions.staff import checks as staff_checks  # noqa: F401

        tracking.connect(on_tracking_event, dispatch_uid="subscriptions")
