from datetime import timedelta

import django.db.models.deletion
from django.db import migrations, models
from django.utils.timezone import now

UNTIL_OLD_WORKERS_ARE_GONE = timedelta(days=1)
SETTINGS = {
    # Rows are written for ever and deleted in bulk: a fifth of them, which is the default, would wait for the vacuum.
    "subscriptions_digest": "autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02",
    "subscriptions_digestitem": "autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02",
    "subscriptions_deliveryevent": "autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02",
    # Rows grow by a little each week: room on the page lets them do it without touching the indexes.
    "subscriptions_pastpicks": "fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05",
}


def wait_for_a_day(apps, schema_editor):
    """Workers of the release before do not look at what was put away, and would send a paper again."""
    if apps.get_model("subscriptions", "Digest").objects.exists():
        control = apps.get_model("subscriptions", "Control").objects
        control.update(digests_stay_until=now() + UNTIL_OLD_WORKERS_ARE_GONE)


def vacuum_sooner(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table, settings in SETTINGS.items():
            schema_editor.execute(f"ALTER TABLE {table} SET ({settings})")


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0040_operators_lift_export_and_retry")]

    operations = [
        migrations.CreateModel(
            name="PastPicks",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("shelf", models.PositiveIntegerField(help_text="The papers' keys, divided by 16,384.")),
                (
                    "picks",
                    models.BinaryField(help_text="For each its place on the shelf and its day, two bytes each."),
                ),
                (
                    "subscriber",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="past_picks",
                        to="subscriptions.subscriber",
                    ),
                ),
            ],
            options={"verbose_name_plural": "past picks"},
        ),
        migrations.AddConstraint(
            model_name="pastpicks",
            constraint=models.UniqueConstraint(fields=("subscriber", "shelf"), name="one_row_per_reader_and_shelf"),
        ),
        migrations.AddField(
            model_name="control",
            name="digests_stay_until",
            field=models.DateTimeField(
                blank=True,
                help_text="Old digests are put away from then on: until workers of the release before are gone.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="emptied_at",
            field=models.DateTimeField(blank=True, help_text="When all of its digests were put away that may be.", null=True),
        ),
        migrations.AddField(
            model_name="run",
            name="gone",
            field=models.JSONField(blank=True, help_text="How those ended that were put away since.", null=True),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("emptied_at__isnull", True)), fields=["hour"], name="runs_with_digests"
            ),
        ),
        migrations.RunPython(wait_for_a_day, migrations.RunPython.noop),
        migrations.RunPython(vacuum_sooner, migrations.RunPython.noop),
    ]
