from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outreach", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="looks",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="Times the carrier's list did not show the last attempt."
            ),
        ),
    ]
