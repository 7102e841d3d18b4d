from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("papers", "0003_sources_text_and_trend"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="paper",
            index=models.Index(fields=["updated_at"], name="papers_pape_updated_20f450_idx"),
        ),
    ]
