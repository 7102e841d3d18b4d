from django.db import migrations, models

from papers import zone_rules


def nothing_to_set_anew(apps, schema_editor):
    """Where nobody has an hour yet, all hours are by today's rules; else it is not known by which they were set."""
    if not apps.get_model("subscriptions", "Subscriber").objects.exists():
        apps.get_model("subscriptions", "Control").objects.update(zone_rules=zone_rules.in_use().version)


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', '0014_links_that_give_less'),
    ]

    operations = [
        migrations.AddField(
            model_name='control',
            name='new_zone_rules',
            field=models.CharField(blank=True, help_text='Those by which they are being set anew.', max_length=16),
        ),
        migrations.AddField(
            model_name='control',
            name='set_anew_to',
            field=models.PositiveBigIntegerField(default=0, help_text='Key of the last subscriber whose hour was.'),
        ),
        migrations.AddField(
            model_name='control',
            name='zone_rules',
            field=models.CharField(blank=True, help_text='Rules by which all next hours were set.', max_length=16),
        ),
        migrations.CreateModel(
            name='HostRules',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('host', models.CharField(max_length=100)),
                ('kind', models.CharField(max_length=16)),
                ('version', models.CharField(max_length=16)),
                ('source', models.CharField(max_length=200)),
                ('noted_at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'host rules',
                'constraints': [models.UniqueConstraint(fields=('host', 'kind'), name='one_note_per_host_and_kind')],
            },
        ),
        migrations.RunPython(nothing_to_set_anew, migrations.RunPython.noop),
    ]
