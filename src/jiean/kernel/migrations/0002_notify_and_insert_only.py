"""The outbox speaks at commit, and audit rows cannot be changed: triggers, a second guard behind the grants."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION kernel_event_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('jiean_' || TG_TABLE_SCHEMA, '');
    RETURN NULL;
END $$;
CREATE TRIGGER kernel_event_notify AFTER INSERT ON kernel_event
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_event_notify();

CREATE FUNCTION kernel_audit_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit rows can only be inserted' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER kernel_auditentry_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kernel_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_audit_insert_only();
CREATE TRIGGER kernel_auditlink_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kernel_auditlink
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_audit_insert_only();
"""

BACKWARD = """
DROP TRIGGER kernel_auditlink_insert_only ON kernel_auditlink;
DROP TRIGGER kernel_auditentry_insert_only ON kernel_auditentry;
DROP FUNCTION kernel_audit_insert_only();
DROP TRIGGER kernel_event_notify ON kernel_event;
DROP FUNCTION kernel_event_notify();
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_outbox_audit_history")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
