from django.conf import settings
from django.db import migrations
from django.db.models import OuterRef, Subquery


def one_control(apps, schema_editor):
    apps.get_model("subscriptions", "Control").objects.get_or_create(pk=1, defaults={"instance_id": settings.INSTANCE_ID})


def address_of_each_consent(apps, schema_editor):
    Subscriber = apps.get_model("subscriptions", "Subscriber")
    email = Subscriber.objects.filter(pk=OuterRef("subscriber")).values("email")[:1]
    apps.get_model("subscriptions", "Consent").objects.filter(email="").update(email=Subquery(email))


def why_paused(apps, schema_editor):
    paused = apps.get_model("subscriptions", "Subscriber").objects.filter(status="paused")
    paused.update(paused_because="asked")


class Migration(migrations.Migration):

    dependencies = [
        ("subscriptions", "0008_delivery_that_can_be_trusted"),
    ]

    operations = [
        migrations.RunPython(one_control, migrations.RunPython.noop),
        migrations.RunPython(address_of_each_consent, migrations.RunPython.noop),
        migrations.RunPython(why_paused, migrations.RunPython.noop),
    ]
