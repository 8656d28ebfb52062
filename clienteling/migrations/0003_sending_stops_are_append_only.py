"""Who stopped sending, and who started it again, stays written: a row is only ever completed."""

from django.db import migrations

FORBID = """
CREATE FUNCTION refuse_sending_stop_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.started_at IS NULL
        AND (NEW.id, NEW.store_id, NEW.channel, NEW.reason, NEW.stopped_by_id, NEW.stopped_at)
        IS NOT DISTINCT FROM
            (OLD.id, OLD.store_id, OLD.channel, OLD.reason, OLD.stopped_by_id, OLD.stopped_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'The record of stops is append-only: % of entry % refused.', TG_OP, OLD.id
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER sending_stop_append_only BEFORE UPDATE OR DELETE ON clienteling_sendingstop
    FOR EACH ROW EXECUTE FUNCTION refuse_sending_stop_change();
"""

ALLOW = """
DROP TRIGGER sending_stop_append_only ON clienteling_sendingstop;
DROP FUNCTION refuse_sending_stop_change();
"""


class Migration(migrations.Migration):
    dependencies = [("clienteling", "0002_send_limits_and_stop_switch")]

    operations = [migrations.RunSQL(FORBID, ALLOW)]
