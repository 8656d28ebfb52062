"""Shared tablets, PINs, and a log of what was done with them that nobody can change."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


FORBID = """
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit log is append-only: % of entry % refused.', TG_OP, OLD.id
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON clienteling_auditentry
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
"""

ALLOW = """
DROP TRIGGER audit_entry_append_only ON clienteling_auditentry;
DROP FUNCTION refuse_audit_change();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('clienteling', '0005_when_to_write'),
    ]

    operations = [
        migrations.CreateModel(
            name='Device',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=60)),
                ('enrolled_at', models.DateTimeField()),
                ('last_seen_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('wrong_pins', models.PositiveSmallIntegerField(default=0, help_text="Wrong PINs typed here since the last right one, whoever's.")),
                ('locked_until', models.DateTimeField(blank=True, null=True)),
                ('enrolled_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='devices', to='clienteling.store')),
            ],
            options={
                'ordering': ('store', 'name', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('what', models.CharField(choices=[('enrolled', 'Tablet enrolled'), ('revoked', 'Tablet revoked'), ('signed-in', 'Signed in with the password'), ('signed-out', 'Signed out for the day'), ('switched', 'Opened with the PIN'), ('wrong-pin', 'Wrong PIN'), ('pin-locked', 'PIN locked after wrong ones'), ('pin-set', 'PIN chosen'), ('locked', 'Tablet locked')], max_length=16)),
                ('why', models.CharField(blank=True, max_length=200)),
                ('by', models.ForeignKey(blank=True, help_text='Whoever it was; a wrong PIN is entered under the face it was typed for.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('device', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='audit_entries', to='clienteling.device')),
            ],
            options={
                'verbose_name_plural': 'audit entries',
                'ordering': ('-at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='DeviceLogin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('logged_in_at', models.DateTimeField()),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='logins', to='clienteling.device')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='device_logins', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('device', 'user'),
            },
        ),
        migrations.CreateModel(
            name='Pin',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to=settings.AUTH_USER_MODEL)),
                ('digits_hash', models.CharField(max_length=128)),
                ('set_at', models.DateTimeField()),
                ('wrong', models.PositiveSmallIntegerField(default=0, help_text='Wrong ones in a row, anywhere.')),
                ('locked_until', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('digits_hash', ''), _negated=True), name='pin_has_hash')],
            },
        ),
        migrations.CreateModel(
            name='PinAlarm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('raised_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField(blank=True, null=True)),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='alarms', to='clienteling.device')),
                ('seen_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-raised_at', '-pk'),
            },
        ),
        migrations.AddConstraint(
            model_name='device',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='device_has_name'),
        ),
        migrations.AddConstraint(
            model_name='device',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('revoked_at', None), ('revoked_by', None)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), _connector='OR'), name='device_revocation_is_whole'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['device', '-at'], name='audit_entry_device'),
        ),
        migrations.AddConstraint(
            model_name='auditentry',
            constraint=models.CheckConstraint(condition=models.Q(('what', ''), _negated=True), name='audit_entry_says_what'),
        ),
        migrations.AddConstraint(
            model_name='devicelogin',
            constraint=models.UniqueConstraint(fields=('user', 'device'), name='device_login_once'),
        ),
        migrations.AddConstraint(
            model_name='pinalarm',
            constraint=models.UniqueConstraint(condition=models.Q(('seen_at', None)), fields=('device', 'user'), name='pin_alarm_one_unseen', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='pinalarm',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('seen_at', None), ('seen_by', None)), models.Q(('seen_at__isnull', False), ('seen_by__isnull', False)), _connector='OR'), name='pin_alarm_seeing_is_whole'),
        ),
        migrations.RunSQL(FORBID, ALLOW),
    ]
