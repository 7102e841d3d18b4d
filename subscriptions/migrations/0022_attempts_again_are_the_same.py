import django.db.models.deletion
from django.db import migrations, models

UNCLEAR = "When the first attempt was made of which nobody knows whether it was taken."


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0021_reports_of_our_mail")]

    operations = [
        migrations.AddField(
            model_name="accountmail",
            name="unclear_since",
            field=models.DateTimeField(blank=True, help_text=UNCLEAR, null=True),
        ),
        migrations.AddField(
            model_name="digest",
            name="unclear_since",
            field=models.DateTimeField(blank=True, help_text=UNCLEAR, null=True),
        ),
        migrations.CreateModel(
            name="FrozenMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(help_text="Who got it: no other knows its key.", max_length=64)),
                ("frozen_at", models.DateTimeField()),
                (
                    "content",
                    models.BinaryField(
                        help_text="The message, encrypted: it holds links that are the reader's alone."
                    ),
                ),
                (
                    "account_mail",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="frozen",
                        to="subscriptions.accountmail",
                    ),
                ),
                (
                    "digest",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="frozen",
                        to="subscriptions.digest",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("account_mail__isnull", True), ("digest__isnull", False)),
                            models.Q(("account_mail__isnull", False), ("digest__isnull", True)),
                            _connector="OR",
                        ),
                        name="frozen_is_one_mail",
                    )
                ]
            },
        ),
    ]
