-- What the tenant answered and what Severa is set to: one row per entity, one row of settings.
-- checks.answers is filled by build.py from the tenant file: suite, answer, group_field, group_value_excluded, key_kind.

CREATE TABLE checks.settings AS
SELECT coalesce(bool_or(unique_product_codes), false) AS unique_product_codes FROM severa.organizationsettings;
