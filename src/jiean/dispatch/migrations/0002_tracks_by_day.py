"""Thirty days of positions: 32 fixed partitions by the day's number, emptied whole before they are used again.

The application's role may not TRUNCATE, so one function owned by the tables' owner does it, for these partitions only.
"""

from django.db import migrations

SLOTS = 32

FORWARD = f"""
CREATE TABLE dispatch_positiontrack (
    slot smallint NOT NULL,
    unit_id bigint NOT NULL,
    at timestamptz NOT NULL,
    lon double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
    lat double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
    heading smallint CHECK (heading BETWEEN 0 AND 359),
    PRIMARY KEY (slot, unit_id, at)
) PARTITION BY LIST (slot);
{"".join(f"CREATE TABLE dispatch_positiontrack_{n:02d} PARTITION OF dispatch_positiontrack FOR VALUES IN ({n});" for n in range(SLOTS))}

CREATE FUNCTION dispatch_track_slot(at timestamptz) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT ((extract(epoch FROM at)::bigint / 86400) % {SLOTS})::smallint $$;

CREATE FUNCTION dispatch_forget_tracks(keep_days integer, today timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    emptied integer := 0;
    day_number bigint := extract(epoch FROM today)::bigint / 86400;
    old bigint;
BEGIN
    IF keep_days < 1 OR keep_days > {SLOTS - 2} THEN
        RAISE EXCEPTION 'keep_days must lie within 1..{SLOTS - 2}';
    END IF;
    FOR old IN SELECT generate_series(day_number - {SLOTS} + 1, day_number - keep_days - 1) LOOP
        EXECUTE format('TRUNCATE dispatch_positiontrack_%s', lpad((((old % {SLOTS}) + {SLOTS}) % {SLOTS})::text, 2, '0'));
        emptied := emptied + 1;
    END LOOP;
    RETURN emptied;
END $$;
"""

BACKWARD = """
DROP FUNCTION dispatch_forget_tracks(integer, timestamptz);
DROP FUNCTION dispatch_track_slot(timestamptz);
DROP TABLE dispatch_positiontrack;
"""


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0001_units_incidents_orders")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
