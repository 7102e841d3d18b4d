from django.db import migrations


def whoever_sees_runs(apps, schema_editor):
    """In a fresh database Django makes rights only after the last migration, and then finds these."""
    rights = apps.get_model("auth", "Permission").objects
    for model, name in (("daycount", "day count"), ("departure", "departure")):
        place, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
            app_label="subscriptions", model=model
        )
        right, _ = rights.get_or_create(
            content_type=place, codename=f"view_{model}", defaults={"name": f"Can view {name}"}
        )
        for holders in rights.filter(content_type__app_label="subscriptions", codename="view_run"):
            right.group_set.add(*holders.group_set.all())


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0033_numbers_of_each_day")]

    operations = [migrations.RunPython(whoever_sees_runs, migrations.RunPython.noop)]
