-- How many critical findings name a record that is not there.
SELECT sum(findings) FROM subjects AS t
WHERE (t.name IS NOT NULL OR t.guid IS NOT NULL) AND NOT EXISTS (
    FROM about AS a
    WHERE a.system = t.system AND a.suite = t.suite
      AND (a.code, a.name, a.register, a.guid) IS NOT DISTINCT FROM (t.code, t.name, t.register, t.guid));
