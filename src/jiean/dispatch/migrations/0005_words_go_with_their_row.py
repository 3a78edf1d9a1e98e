"""Whatever deletes a row takes the marks of its words with it, in the same statement."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION dispatch_incident_words_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM vault_wordmarks w USING gone WHERE w.matter_kind = 'incident' AND w.matter_id = gone.id;
    RETURN NULL;
END $$;
CREATE TRIGGER dispatch_incident_words_go AFTER DELETE ON dispatch_incident
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION dispatch_incident_words_go();
"""

BACKWARD = """
DROP TRIGGER dispatch_incident_words_go ON dispatch_incident;
DROP FUNCTION dispatch_incident_words_go();
"""


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0004_counts"), ("vault", "0002_words")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
