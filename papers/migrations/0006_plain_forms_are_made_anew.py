from django.db import migrations, models
from django.db.models.functions import Cast

# What may hold TeX: only of such papers the rule makes another plain form.
SIGNS = ("\\", "$")


def forget_plain_titles(apps, schema_editor):
    """Let plain_forms.fill_missing, which follows every migration, read the papers with TeX by the present rule."""
    papers = apps.get_model("papers", "Paper").objects.annotate(names=Cast("authors", models.TextField()))
    columns = ("title", "abstract", "names")
    has_tex = models.Q(*[(f"{column}__contains", sign) for column in columns for sign in SIGNS], _connector=models.Q.OR)
    papers.filter(has_tex).update(plain_title="")


class Migration(migrations.Migration):
    dependencies = [
        ("papers", "0005_withdrawn_papers_may_come_back"),
    ]

    operations = [migrations.RunPython(forget_plain_titles, migrations.RunPython.noop)]
