from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', '0020_people_of_an_interest_by_name'),
    ]

    operations = [
        migrations.AddField(
            model_name='deliveryevent',
            name='provider_id',
            field=models.CharField(blank=True, db_default='', default='', help_text="The provider's id of the mail.", max_length=255),
        ),
        migrations.AlterField(
            model_name='deliveryevent',
            name='status',
            field=models.CharField(choices=[('waiting', 'Waiting'), ('done', 'Done'), ('failed', 'given up'), ('foreign', 'of no mail of ours')], default='waiting', max_length=16),
        ),
        migrations.AddIndex(
            model_name='deliveryevent',
            index=models.Index(condition=models.Q(('status', 'failed')), fields=['received_at'], name='events_given_up'),
        ),
    ]
