from django.db import migrations

NEW = {
    ("subscriptions", "subscriber"): {
        "lift_subscriber": ("suppress_subscriber", "Can let the suppressed address of a subscriber be mailed again"),
        "export_subscriber": ("erase_subscriber", "Can export all that is stored about a subscriber"),
    },
    ("papers", "feedstate"): {
        "retry_feedstate": ("resume_control", "Can have a source asked before its time"),
    },
}


def whoever_may_do_the_like(apps, schema_editor):
    """Give each new right to the groups that have one like it; a fresh database finds these after the last migration."""
    rights = apps.get_model("auth", "Permission").objects
    for (app, model), verbs in NEW.items():
        place, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label=app, model=model)
        for codename, (like, name) in verbs.items():
            right, _ = rights.get_or_create(content_type=place, codename=codename, defaults={"name": name})
            for holders in rights.filter(content_type__app_label="subscriptions", codename=like):
                right.group_set.add(*holders.group_set.all())


class Migration(migrations.Migration):
    dependencies = [("papers", "0012_sources_asked_again"), ("subscriptions", "0039_lifting_and_exporting")]

    operations = [migrations.RunPython(whoever_may_do_the_like, migrations.RunPython.noop)]
