"""Who was off shift, and who said so, stays written: a row is only ever completed."""

from django.db import migrations

FORBID = """
CREATE FUNCTION refuse_off_shift_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL
        AND (NEW.id, NEW.associate_id, NEW.since, NEW.until, NEW.said_by_id)
        IS NOT DISTINCT FROM (OLD.id, OLD.associate_id, OLD.since, OLD.until, OLD.said_by_id)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'The record of shifts is append-only: % of entry % refused.', TG_OP, OLD.id
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER off_shift_append_only BEFORE UPDATE OR DELETE ON outreach_offshift
    FOR EACH ROW EXECUTE FUNCTION refuse_off_shift_change();
"""

ALLOW = """
DROP TRIGGER off_shift_append_only ON outreach_offshift;
DROP FUNCTION refuse_off_shift_change();
"""


class Migration(migrations.Migration):
    dependencies = [("outreach", "0006_cover_pictures_notices_and_peers")]

    operations = [migrations.RunSQL(FORBID, ALLOW)]
