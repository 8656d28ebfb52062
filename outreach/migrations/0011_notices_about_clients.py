"""A notice is about a client, and of a message only where there is one."""

import django.db.models.deletion
from django.db import migrations, models

FILL = """
UPDATE outreach_notice notice
   SET customer_id = message.customer_id, key = 'stop:' || message.id
  FROM outreach_message message
 WHERE message.id = notice.message_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0004_when_to_write"),
        ("outreach", "0010_the_clients_page"),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="customer",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to="customers.customer",
            ),
        ),
        migrations.AddField(
            model_name="notice", name="key", field=models.CharField(max_length=120, null=True)
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="notice",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to="customers.customer",
            ),
        ),
        migrations.AlterField(
            model_name="notice", name="key", field=models.CharField(max_length=120)
        ),
        migrations.AlterField(
            model_name="notice",
            name="message",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to="outreach.message",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(fields=("key",), name="notice_once"),
        ),
    ]
