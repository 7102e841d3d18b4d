import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

REASONS = {"bounced": "hard bounce", "complained": "complaint"}


def reasons_in_our_words(apps, schema_editor):
    for theirs, ours in REASONS.items():
        apps.get_model("subscriptions", "Suppression").objects.filter(reason=theirs).update(reason=ours)


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', '0010_sign_ups_that_wait'),
    ]

    operations = [
        migrations.AddField(
            model_name='bouncescore',
            name='counts_since',
            field=models.DateTimeField(blank=True, help_text='When it led to a pause, and began anew.', null=True),
        ),
        migrations.AddField(
            model_name='control',
            name='resumed_at',
            field=models.DateTimeField(blank=True, help_text='What went out before no longer counts.', null=True),
        ),
        migrations.AddField(
            model_name='deliveryevent',
            name='account_mail',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='subscriptions.accountmail'),
        ),
        migrations.AddField(
            model_name='deliveryevent',
            name='attempts',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='deliveryevent',
            name='error',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='deliveryevent',
            name='meaning',
            field=models.CharField(choices=[('nothing', 'Nothing'), ('accepted', 'the provider took it'), ('delivered', 'the mailbox has it'), ('hard bounce', 'there is no such mailbox'), ('soft bounce', 'the mailbox did not take it this time'), ('blocked', 'refused for its content, its sender or a broken route, not for its address'), ('refused address', 'the provider itself no longer mails this address'), ('complaint', 'the reader reported it as spam'), ('unsubscribed', 'the reader unsubscribed at the provider')], default='nothing', max_length=16),
        ),
        migrations.AddField(
            model_name='deliveryevent',
            name='next_attempt_at',
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name='deliveryevent',
            name='status',
            field=models.CharField(choices=[('waiting', 'Waiting'), ('done', 'Done'), ('failed', 'given up')], default='done', max_length=16),
        ),
        # What was stored before was acted upon at once; from now on events wait.
        migrations.AlterField(
            model_name='deliveryevent',
            name='status',
            field=models.CharField(choices=[('waiting', 'Waiting'), ('done', 'Done'), ('failed', 'given up')], default='waiting', max_length=16),
        ),
        migrations.AlterField(
            model_name='deliveryevent',
            name='received_at',
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddIndex(
            model_name='deliveryevent',
            index=models.Index(condition=models.Q(('status', 'waiting')), fields=['next_attempt_at'], name='waiting_events'),
        ),
        migrations.AddIndex(
            model_name='deliveryevent',
            index=models.Index(fields=['address_hash'], name='events_of_an_address'),
        ),
        migrations.AddIndex(
            model_name='deliveryevent',
            index=models.Index(condition=models.Q(('meaning__in', ['hard bounce', 'complaint'])), fields=['received_at'], name='events_that_harm'),
        ),
        migrations.RunPython(reasons_in_our_words, migrations.RunPython.noop),
    ]
