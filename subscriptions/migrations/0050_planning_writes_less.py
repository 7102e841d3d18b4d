import django.db.models.deletion
from django.db import migrations, models

# Each row is written anew once a day: room on its page spares looking for another one.
SETTINGS = "fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05"

LOCKS = "The index of addresses is built anew, without its twin for LIKE: some seconds for a million readers."


def leave_room(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE subscriptions_subscriber SET ({SETTINGS})")


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0049_those_only_planned_stand_in_fewer_indexes")]

    operations = [
        migrations.AlterField(
            model_name="digest",
            name="run",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="digests",
                to="subscriptions.run",
            ),
        ),
        migrations.AlterField(
            model_name="subscriber",
            name="email",
            field=models.EmailField(help_text="In its canonical form.", max_length=254),
        ),
        migrations.AddConstraint(
            model_name="subscriber",
            constraint=models.UniqueConstraint(fields=("email",), name="one_subscriber_per_address"),
        ),
        migrations.RunPython(leave_room, migrations.RunPython.noop),
    ]
