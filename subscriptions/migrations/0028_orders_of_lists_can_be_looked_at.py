from django.db import migrations


def whoever_sees_attention(apps, schema_editor):
    """In a fresh database Django makes rights only after the last migration, and then finds this one."""
    place, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="papers", model="listorder"
    )
    right, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=place, codename="view_listorder", defaults={"name": "Can view list order"}
    )
    attention = {"content_type__app_label": "papers", "codename": "view_fieldattention"}
    for holders in apps.get_model("auth", "Permission").objects.filter(**attention):
        right.group_set.add(*holders.group_set.all())


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0027_a_private_feed_of_a_reader"), ("papers", "0007_lists_have_an_order")]

    operations = [migrations.RunPython(whoever_sees_attention, migrations.RunPython.noop)]
