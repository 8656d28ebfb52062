"""Who wrote which words for a store's notes, and when, stays written: no version changes or goes."""

from django.db import migrations

FORBID = """
CREATE FUNCTION refuse_template_version_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Template versions are append-only: % of version % refused.', TG_OP, OLD.id
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER template_version_append_only BEFORE UPDATE OR DELETE ON outreach_templateversion
    FOR EACH ROW EXECUTE FUNCTION refuse_template_version_change();
"""

ALLOW = """
DROP TRIGGER template_version_append_only ON outreach_templateversion;
DROP FUNCTION refuse_template_version_change();
"""


class Migration(migrations.Migration):
    dependencies = [("outreach", "0014_words_of_notes")]

    operations = [migrations.RunSQL(FORBID, ALLOW)]
