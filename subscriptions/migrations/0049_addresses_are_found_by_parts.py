from typing import Any

from django.db import migrations, models

from papers.models import trigrams

LOCKS = "Whoever writes of readers waits for seconds while a hundred thousand are looked at; nobody who reads does."


def make_indexes(apps: Any, schema_editor: Any) -> None:
    trigrams.ensure("subscriptions", schema_editor.connection.alias)


class Migration(migrations.Migration):

    dependencies = [
        ('papers', '0014_titles_are_found_by_parts'),
        ('subscriptions', '0048_followers_are_told_of_a_merging'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='subscriber',
            index=models.Index(
                condition=models.Q(('status', 'active'), _negated=True),
                fields=['status'],
                name='subscribers_not_active',
            ),
        ),
        migrations.RunPython(make_indexes, migrations.RunPython.noop),
    ]
