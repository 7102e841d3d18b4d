"""What happened on each day, as numbers without anybody in them: they outlive the rows that they were counted from."""

from __future__ import annotations

from datetime import date

from django.db import models

from papers.periods import utc_date
from papers.shared_clock import now


def today() -> date:
    return utc_date(now())


class LeftBecause(models.TextChoices):
    """In which way a reader left."""

    ONE_CLICK = "one click", "unsubscribed by the button of a mail program"
    PAGE = "page", "unsubscribed on our page"
    PROVIDER = "provider", "unsubscribed at the mail provider"
    COMPLAINT = "complaint", "complained"
    HARD = "hard bounce", "no such mailbox"
    REFUSED = "refused address", "refused by the mail provider"
    OPERATOR = "operator", "by an operator"
    ERASED = "erased", "erased"


class Departure(models.Model):
    """A reader who left, without who it was: a row each, so that nobody waits for a number that all would change."""

    day = models.DateField(default=today, help_text="UTC.")
    reason = models.CharField(max_length=16, choices=LeftBecause.choices)

    class Meta:
        indexes = [models.Index(fields=["day"], name="departures_of_a_day")]  # what is counted, and what is old

    def __str__(self) -> str:
        return f"{self.reason} on {self.day}"


class Fact(models.TextChoices):
    READERS = "readers", "readers, by their state, when the day was counted last"
    SIGN_UPS = "sign-ups"
    CONFIRMED = "confirmed", "sign-ups that were confirmed"
    LEFT = "left", "readers who left, by the way they did"
    MAILS = "mails", "digests that were sent"
    REPORTS = "reports", "hard bounces and complaints"
    RATED = "rated", "digests that were rated"
    RATINGS = "ratings", "ratings, by kind of interest and by what was said"
    PAPERS = "papers", "papers that came, by where they came from"
    LATENCY = "latency", "minutes from the announcement until a paper is here, the median of the day"


class DayCount(models.Model):
    """A number of a day; erased people stay counted in it, since it names nobody."""

    day = models.DateField(help_text="UTC.")
    fact = models.CharField(max_length=16, choices=Fact.choices)
    of = models.CharField(max_length=40, blank=True, help_text="Which of them, where there are several kinds.")
    number = models.PositiveBigIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        ordering = ["-day", "fact", "of"]
        constraints = [models.UniqueConstraint(fields=["day", "fact", "of"], name="one_number_of_a_fact_and_day")]

    def __str__(self) -> str:
        return f"{self.fact} {self.of} on {self.day}: {self.number}"
