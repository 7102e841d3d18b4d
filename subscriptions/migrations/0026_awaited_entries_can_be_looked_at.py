from django.db import migrations


def whoever_sees_uploads(apps, schema_editor):
    """In a fresh database Django makes rights only after the last migration, and then finds this one."""
    place, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="subscriptions", model="awaitedentry"
    )
    right, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=place, codename="view_awaitedentry", defaults={"name": "Can view awaited entry"}
    )
    uploads = {"content_type__app_label": "subscriptions", "codename": "view_libraryupload"}
    for holders in apps.get_model("auth", "Permission").objects.filter(**uploads):
        right.group_set.add(*holders.group_set.all())


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0025_entries_of_libraries_accounted_for")]

    operations = [migrations.RunPython(whoever_sees_uploads, migrations.RunPython.noop)]
