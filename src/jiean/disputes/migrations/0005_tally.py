"""How many disputes are of a kind, at a desk, in a state, with an outcome: kept by the table itself, as they move.

Each statement appends what it changed; nobody waits for anybody's row. A job folds the lines together by night.
"""

from django.db import migrations, models

FORWARD = """
CREATE FUNCTION disputes_told_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO disputes_tally (kind, desk_id, state, outcome, number)
        SELECT kind, desk_id, state, outcome, count(*) FROM come GROUP BY kind, desk_id, state, outcome;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO disputes_tally (kind, desk_id, state, outcome, number)
        SELECT kind, desk_id, state, outcome, -count(*) FROM gone GROUP BY kind, desk_id, state, outcome;
    ELSE
        INSERT INTO disputes_tally (kind, desk_id, state, outcome, number)
        SELECT kind, desk_id, state, outcome, sum(n) FROM (
            SELECT kind, desk_id, state, outcome, 1 AS n FROM come
            UNION ALL SELECT kind, desk_id, state, outcome, -1 FROM gone
        ) moved GROUP BY kind, desk_id, state, outcome HAVING sum(n) <> 0;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER disputes_tally_come AFTER INSERT ON disputes_dispute
    REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION disputes_told_apart();
CREATE TRIGGER disputes_tally_moved AFTER UPDATE ON disputes_dispute
    REFERENCING NEW TABLE AS come OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION disputes_told_apart();
CREATE TRIGGER disputes_tally_gone AFTER DELETE ON disputes_dispute
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION disputes_told_apart();
INSERT INTO disputes_tally (kind, desk_id, state, outcome, number)
SELECT kind, desk_id, state, outcome, count(*) FROM disputes_dispute GROUP BY kind, desk_id, state, outcome;
"""

BACKWARD = """
DROP TRIGGER disputes_tally_come ON disputes_dispute;
DROP TRIGGER disputes_tally_moved ON disputes_dispute;
DROP TRIGGER disputes_tally_gone ON disputes_dispute;
DROP FUNCTION disputes_told_apart();
"""


class Migration(migrations.Migration):
    dependencies = [("disputes", "0004_papers")]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=10, verbose_name="类型")),
                ("desk_id", models.BigIntegerField(verbose_name="负责单位")),
                ("state", models.CharField(max_length=10, verbose_name="状态")),
                ("outcome", models.CharField(blank=True, max_length=10, verbose_name="结果")),
                ("number", models.BigIntegerField(verbose_name="多少件")),
            ],
            options={"verbose_name": "纠纷计数"},
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RemoveIndex(model_name="dispute", name="disputes_counted"),
    ]
