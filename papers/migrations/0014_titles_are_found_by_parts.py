from typing import Any

from django.db import migrations, models

from papers.models import trigrams

LOCKS = "Papers are written by sources alone, which come back; and a hundred thousand are looked at within seconds."


def make_indexes(apps: Any, schema_editor: Any) -> None:
    trigrams.ensure("papers", schema_editor.connection.alias)


class Migration(migrations.Migration):

    dependencies = [
        ('papers', '0013_topics_with_examples_merged_and_retired'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='feedstate',
            options={
                'ordering': ['source', 'category'],
                'permissions': [('retry_feedstate', 'Can have a source asked before its time')],
                'verbose_name': 'source',
            },
        ),
        migrations.AddIndex(
            model_name='paper',
            index=models.Index(fields=['-announced_on', '-listed_on', '-identifier'], name='papers_newest_first'),
        ),
        migrations.RunPython(make_indexes, migrations.RunPython.noop),
    ]
