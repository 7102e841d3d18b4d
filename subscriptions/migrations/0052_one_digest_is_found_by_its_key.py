from importlib import import_module

from django.db import migrations, models

beside_workers = import_module("subscriptions.migrations.0042_indexes_of_digests_that_are_used")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("subscriptions", "0051_references_of_items_are_checked_together")]

    operations = [
        beside_workers.AddIndexBesideWorkers(
            model_name="digest",
            index=models.Index(
                condition=models.Q(("next_attempt_at__isnull", False), ("status", "planned")),
                fields=["next_attempt_at"],
                name="waiting_of_planned",
            ),
        ),
        beside_workers.RemoveIndexBesideWorkers(model_name="digest", name="waiting_digests"),
    ]
