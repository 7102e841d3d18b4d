from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0022_attempts_again_are_the_same")]

    operations = [
        migrations.AddField(
            model_name="subscriber",
            name="term_plurals",
            field=models.BooleanField(default=True, help_text="These terms meet their plurals too."),
        ),
    ]
