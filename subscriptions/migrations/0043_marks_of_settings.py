from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0042_indexes_of_digests_that_are_used")]

    operations = [
        migrations.AddField(
            model_name="hostrules",
            name="marks",
            # The database fills it in for a worker of the release before, which does not know it.
            field=models.TextField(blank=True, db_default="", help_text="Of settings that must be the same on all machines."),
        ),
    ]
