"""What a customer said stays said: the database refuses to change or delete a ledger entry."""

from django.db import migrations

FORBID = """
CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The consent ledger is append-only: % of entry % refused.', TG_OP, OLD.id
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER consent_event_append_only BEFORE UPDATE OR DELETE ON customers_consentevent
    FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
"""

ALLOW = """
DROP TRIGGER consent_event_append_only ON customers_consentevent;
DROP FUNCTION refuse_ledger_change();
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]

    operations = [migrations.RunSQL(FORBID, ALLOW)]
