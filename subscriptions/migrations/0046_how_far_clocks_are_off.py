from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0045_topics_are_not_deleted_under_their_followers")]

    operations = [
        migrations.AddField(
            model_name="hostrules",
            name="clock_ahead",
            # The database fills it in for a process of the release before, which does not know it.
            field=models.FloatField(db_default=0, default=0, help_text="Seconds, beyond the database’s clock."),
        ),
    ]
