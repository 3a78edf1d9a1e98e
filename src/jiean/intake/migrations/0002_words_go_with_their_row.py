"""Whatever deletes a row takes the marks of its words with it, in the same statement."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION intake_report_words_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM vault_wordmarks w USING gone WHERE w.matter_kind = 'report' AND w.matter_id = gone.id;
    RETURN NULL;
END $$;
CREATE TRIGGER intake_report_words_go AFTER DELETE ON intake_report
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION intake_report_words_go();
"""

BACKWARD = """
DROP TRIGGER intake_report_words_go ON intake_report;
DROP FUNCTION intake_report_words_go();
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_reports"), ("vault", "0002_words")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
