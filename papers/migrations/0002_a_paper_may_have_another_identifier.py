from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("papers", "0001_initial")]

    operations = [
        migrations.RenameField("paper", "arxiv_id", "identifier"),
        migrations.AlterField(
            "paper",
            "identifier",
            models.CharField(
                help_text="arXiv's without a version, else a namespace and a name: doi:10.1101/12.",
                max_length=200,
                unique=True,
            ),
        ),
    ]
