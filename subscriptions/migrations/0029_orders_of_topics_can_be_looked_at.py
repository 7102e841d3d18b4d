from django.db import migrations


def whoever_sees_the_orders_of_lists(apps, schema_editor):
    """In a fresh database Django makes rights only after the last migration, and then finds this one."""
    place, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="recommender", model="topicorder"
    )
    right, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=place, codename="view_topicorder", defaults={"name": "Can view topic order"}
    )
    lists = {"content_type__app_label": "papers", "codename": "view_listorder"}
    for holders in apps.get_model("auth", "Permission").objects.filter(**lists):
        right.group_set.add(*holders.group_set.all())


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0028_orders_of_lists_can_be_looked_at"), ("recommender", "0005_orders_of_topics")]

    operations = [migrations.RunPython(whoever_sees_the_orders_of_lists, migrations.RunPython.noop)]
