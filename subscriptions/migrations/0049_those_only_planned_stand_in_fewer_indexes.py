from importlib import import_module

from django.db import migrations, models

beside_workers = import_module("subscriptions.migrations.0042_indexes_of_digests_that_are_used")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("subscriptions", "0049_addresses_are_found_by_parts")]

    operations = [
        beside_workers.AddIndexBesideWorkers(
            model_name="digest",
            index=models.Index(
                condition=models.Q(("lease_token__isnull", False), ("status", "planned")),
                fields=["lease_token"],
                name="leased_of_planned",
            ),
        ),
        beside_workers.RemoveIndexBesideWorkers(model_name="digest", name="digests_under_lease"),
        beside_workers.AddIndexBesideWorkers(
            model_name="subscriber",
            index=models.Index(
                condition=models.Q(
                    ("slowed_on__isnull", False),
                    models.Q(("last_sign_on__gte", models.F("slowed_on")), ("slow_down", False), _connector="OR"),
                ),
                fields=["slowed_on"],
                name="woken_subscribers",
            ),
        ),
        beside_workers.AddIndexBesideWorkers(
            model_name="subscriber",
            index=models.Index(
                condition=models.Q(("confirmed_at__isnull", True)), fields=["id"], name="unconfirmed_subscribers"
            ),
        ),
    ]
