from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', '0046_how_far_clocks_are_off'),
    ]

    operations = [
        migrations.AddField(
            model_name='control',
            name='backed_up_at',
            field=models.DateTimeField(blank=True, help_text='When manage.py backup last made a backup of this database.', null=True),
        ),
        migrations.AddField(
            model_name='control',
            name='restored_at',
            field=models.DateTimeField(blank=True, help_text='When it was adopted after a restore: what was due by then may have been sent.', null=True),
        ),
        migrations.AddField(
            model_name='control',
            name='restored_day_too',
            field=models.BooleanField(db_default=True, default=True, help_text="Nor does anything else go out that is of the reader's date of then."),
        ),
    ]
