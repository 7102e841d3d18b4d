
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', '0030_news_of_kept_papers'),
    ]

    operations = [
        migrations.AddField(
            model_name='subscriber',
            name='asked_on',
            field=models.DateField(blank=True, help_text='Since when digests ask, for want of a sign.', null=True),
        ),
        migrations.AddField(
            model_name='subscriber',
            name='catch_up',
            field=models.BooleanField(default=True, help_text='After a week without a paper the nearest of it come once.'),
        ),
        migrations.AddField(
            model_name='subscriber',
            name='last_sign_on',
            field=models.DateField(blank=True, help_text='When they last rated, changed something, or read a web copy; nothing else.', null=True),
        ),
        migrations.AddField(
            model_name='subscriber',
            name='reading_minutes',
            field=models.PositiveSmallIntegerField(default=0, help_text='The length of a digest in minutes of reading; 0: it counts in papers.'),
        ),
        migrations.AddField(
            model_name='subscriber',
            name='slow_down',
            field=models.BooleanField(default=True, help_text='Whether digests slow down after weeks without a sign.'),
        ),
        migrations.AddField(
            model_name='subscriber',
            name='slowed_on',
            field=models.DateField(blank=True, help_text='Since when they come weekly, for want of a sign.', null=True),
        ),
        migrations.AddIndex(
            model_name='subscriber',
            index=models.Index(condition=models.Q(('slowed_on__isnull', False)), fields=['slowed_on'], name='slowed_subscribers'),
        ),
        migrations.AddConstraint(
            model_name='subscriber',
            constraint=models.CheckConstraint(condition=models.Q(('reading_minutes__range', (0, 60))), name='reading_minutes_in_bounds'),
        ),
        migrations.AddConstraint(
            model_name='subscriber',
            constraint=models.CheckConstraint(condition=models.Q(('slowed_on__isnull', True), ('asked_on__isnull', False), _connector='OR'), name='nobody_is_slowed_unasked'),
        ),
    ]
