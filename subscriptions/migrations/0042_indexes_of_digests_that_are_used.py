import django.db.models.deletion
from django.db import migrations, models

# Each is the beginning of a unique constraint, which serves as well.
SUPERFLUOUS = (("subscriptions_digest", "subscriber_id"), ("subscriptions_digestitem", "digest_id"))


class AddIndexBesideWorkers(migrations.AddIndex):
    """Adds an index while others write, where the database can do that."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            return super().database_forwards(app_label, schema_editor, from_state, to_state)
        model = to_state.apps.get_model(app_label, self.model_name)
        return schema_editor.add_index(model, self.index, concurrently=True)


class RemoveIndexBesideWorkers(migrations.RemoveIndex):
    """Removes an index while others use the table."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            return super().database_forwards(app_label, schema_editor, from_state, to_state)
        state = from_state.models[app_label, self.model_name_lower]
        model = from_state.apps.get_model(app_label, self.model_name)
        return schema_editor.remove_index(model, state.get_index_by_name(self.name), concurrently=True)


def drop_superfluous(apps, schema_editor):
    """Drop them by name: to alter the field, Django would check each row's reference again."""
    connection = schema_editor.connection
    concurrently = "CONCURRENTLY" if connection.vendor == "postgresql" else ""
    for table, column in SUPERFLUOUS:
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(cursor, table)
        plain = [name for name, one in found.items() if one["index"] and not one["unique"] and not one["foreign_key"]]
        for name in plain:
            if found[name]["columns"] == [column]:
                schema_editor.execute(f"DROP INDEX {concurrently} {connection.ops.quote_name(name)}")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("subscriptions", "0041_old_digests_are_put_away")]

    operations = [
        AddIndexBesideWorkers(
            model_name="digest",
            index=models.Index(
                condition=models.Q(("status", "planned")), fields=["lease_token"], name="digests_under_lease"
            ),
        ),
        AddIndexBesideWorkers(
            model_name="digest",
            index=models.Index(
                condition=models.Q(("finished_at__isnull", False)), fields=["finished_at"], name="ended_digests"
            ),
        ),
        RemoveIndexBesideWorkers(model_name="digest", name="leased_digests"),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop_superfluous, migrations.RunPython.noop)],
            state_operations=[
                migrations.AlterField(
                    model_name="digest",
                    name="subscriber",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="digests",
                        to="subscriptions.subscriber",
                    ),
                ),
                migrations.AlterField(
                    model_name="digestitem",
                    name="digest",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="subscriptions.digest",
                    ),
                ),
            ],
        ),
    ]
