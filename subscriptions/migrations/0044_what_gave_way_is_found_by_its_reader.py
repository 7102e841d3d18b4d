from importlib import import_module

from django.db import migrations, models

beside_workers = import_module("subscriptions.migrations.0042_indexes_of_digests_that_are_used")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("subscriptions", "0043_marks_of_settings")]

    operations = [
        beside_workers.AddIndexBesideWorkers(
            model_name="digestitem",
            index=models.Index(
                condition=models.Q(("role", "folded")), fields=["subscriber", "paper"], name="folded_for_a_subscriber"
            ),
        ),
    ]
