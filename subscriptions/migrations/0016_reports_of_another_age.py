from datetime import UTC, datetime

from django.db import migrations
from django.db.models import F

# No report is from before there was this service. PostgreSQL also holds dates that Python cannot read back, and a list
# with one of them does not open.
FIRST = datetime(2000, 1, 1, tzinfo=UTC)


def happened_when_they_came(apps, schema_editor):
    DeliveryEvent = apps.get_model("subscriptions", "DeliveryEvent")
    DeliveryEvent.objects.filter(happened_at__lt=FIRST).update(happened_at=F("received_at"))


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0015_zones_and_who_goes_by_which")]
    operations = [migrations.RunPython(happened_when_they_came, migrations.RunPython.noop)]
