from django.db import migrations

SEEN_WITH = {"experiment": "view_run", "comparison": "view_digest"}


def whoever_sees_runs_and_digests(apps, schema_editor):
    """In a fresh database Django makes rights only after the last migration, and then finds these."""
    rights = apps.get_model("auth", "Permission").objects
    for model, neighbour in SEEN_WITH.items():
        place, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
            app_label="subscriptions", model=model
        )
        right, _ = rights.get_or_create(
            content_type=place, codename=f"view_{model}", defaults={"name": f"Can view {model}"}
        )
        for holders in rights.filter(content_type__app_label="subscriptions", codename=neighbour):
            right.group_set.add(*holders.group_set.all())


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0036_two_rankers_compared")]

    operations = [migrations.RunPython(whoever_sees_runs_and_digests, migrations.RunPython.noop)]
