from django.db import migrations
from django.db.models import F, Value
from django.db.models.functions import Concat

CURATED = {
    "papers.paper": ["view", "add", "change"],
    "papers.edition": ["view", "add", "change"],
    "papers.editionentry": ["view", "add", "change", "delete"],
    "papers.topic": ["view", "add", "change"],
}
LOOKED_AT = {
    "admin": ["logentry"],
    "axes": ["accessattempt", "accesslog"],
    "papers": [
        "alias",
        "edition",
        "editionentry",
        "feedstate",
        "fieldattention",
        "harvest",
        "paper",
        "paperchange",
        "signal",
        "topic",
        "turn",
        "validator",
        "wantedpaper",
    ],
    "recommender": [
        "background",
        "embeddingmodel",
        "papersentences",
        "papertopic",
        "papervector",
        "topicvector",
    ],
    "subscriptions": [
        "accountmail",
        "addresschange",
        "bouncescore",
        "consent",
        "control",
        "deliveryevent",
        "digest",
        "digestitem",
        "feedback",
        "hostrules",
        "interest",
        "libraryupload",
        "ratebucket",
        "run",
        "signup",
        "subscriber",
        "suppression",
    ],
}
OPERATED = {
    "subscriptions.control": ["stop", "resume", "close_breaker"],
    "subscriptions.deliveryevent": ["process_again"],
    "subscriptions.digest": ["resend", "give_up"],
    "subscriptions.signup": ["delete"],
    "subscriptions.subscriber": ["change", "preview", "suppress", "unsubscribe", "erase"],
    "subscriptions.suppression": ["add", "change", "delete"],
}


def make_groups(apps, schema_editor):
    """A group that is there already, with whatever its owners made of it, stays as it is."""
    looked_at = {f"{app}.{model}": ["view"] for app, models in LOOKED_AT.items() for model in models}
    for name, tables in {"curator": [CURATED], "operator": [looked_at, OPERATED]}.items():
        group, made = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        if made:
            group.permissions.set(right for table in tables for right in rights(apps, table))


def nameless_log(apps, schema_editor):
    """The admin's log names people by number from now on; here is what it has said of them so far."""
    entries = apps.get_model("admin", "LogEntry").objects
    for place in apps.get_model("contenttypes", "ContentType").objects.filter(app_label="subscriptions"):
        entries.filter(content_type=place).update(object_repr=Concat(Value(f"{place.model} "), F("object_id")))


def rights(apps, table):
    """In a fresh database Django makes them only after the last migration, and then finds these."""
    for label, verbs in table.items():
        app, model = label.split(".")
        place, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label=app, model=model)
        for verb in verbs:
            meta = apps.get_model(app, model)._meta
            codename = f"{verb}_{model}"
            defaults = {"name": dict(meta.permissions).get(codename, f"Can {verb} {meta.verbose_name_raw}")}
            yield apps.get_model("auth", "Permission").objects.get_or_create(
                content_type=place, codename=codename, defaults=defaults
            )[0]


class Migration(migrations.Migration):
    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("axes", "0010_accessattemptexpiration"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("papers", "0004_papers_by_when_they_were_written"),
        ("recommender", "0003_paper_sentences"),
        ("subscriptions", "0017_ticks_and_uncertain_mails"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='control',
            options={'permissions': [('stop_control', 'Can stop all sending'), ('resume_control', 'Can resume sending'), ('close_breaker_control', 'Can let mail go to a failing provider again')], 'verbose_name_plural': 'control'},
        ),
        migrations.AlterModelOptions(
            name='deliveryevent',
            options={'ordering': ['-happened_at'], 'permissions': [('process_again_deliveryevent', 'Can have a report that was given up processed again')]},
        ),
        migrations.AlterModelOptions(
            name='digest',
            options={'ordering': ['-local_date'], 'permissions': [('resend_digest', 'Can send an uncertain digest again'), ('give_up_digest', 'Can give up an uncertain digest')]},
        ),
        migrations.AlterModelOptions(
            name='subscriber',
            options={'permissions': [('preview_subscriber', 'Can preview the digest of a subscriber'), ('suppress_subscriber', 'Can suppress the address of a subscriber for good'), ('unsubscribe_subscriber', 'Can unsubscribe a subscriber'), ('erase_subscriber', 'Can erase a subscriber')]},
        ),
        migrations.RunPython(make_groups, migrations.RunPython.noop),
        migrations.RunPython(nameless_log, migrations.RunPython.noop),
    ]
