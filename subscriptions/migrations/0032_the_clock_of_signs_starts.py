from django.db import migrations
from django.utils.timezone import now


def today_is_a_sign(apps, schema_editor):
    """Nobody was told before that silence slows digests down: it counts from the upgrade on."""
    apps.get_model("subscriptions", "Subscriber").objects.filter(last_sign_on=None).update(last_sign_on=now().date())


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0031_length_catch_up_and_slowing_down")]

    operations = [migrations.RunPython(today_is_a_sign, migrations.RunPython.noop)]
