-- Keys of names, codes and business ids. Plain Latin text (printable ASCII and the letters À to ÿ but ß) needs
-- neither normalisation nor full case folding, so SQL does it; any other text goes to reconcile/keys.py.

CREATE TEMP MACRO is_plain(t) AS regexp_full_match(t, '[ -~À-ÖØ-Þà-öø-ÿ]*');

-- words of plain letters and digits with one blank between them: most names are nothing else
CREATE TEMP MACRO is_words(t) AS regexp_full_match(t, '([A-Za-z0-9À-ÖØ-Þà-öø-ÿ]+ )*[A-Za-z0-9À-ÖØ-Þà-öø-ÿ]+');

CREATE TEMP MACRO code_text(t) AS CASE
    WHEN t IS NULL THEN NULL WHEN is_plain(t) THEN trim(t) ELSE other_code_text(t) END;

-- NULL means "no code": blank, zero and null alike
CREATE TEMP MACRO code_key(t) AS nullif(nullif(CASE
    WHEN t IS NULL THEN NULL WHEN is_plain(t) THEN lower(trim(t)) ELSE other_code_key(t) END, ''), '0');

-- NULL means "no name": an empty key equals nothing
CREATE TEMP MACRO name_key(t) AS nullif(CASE
    WHEN t IS NULL THEN NULL
    WHEN is_words(t) THEN lower(t)
    WHEN is_plain(t) THEN trim(regexp_replace(lower(t), '[^a-z0-9à-öø-ÿ]+', ' ', 'g'))
    ELSE other_name_key(t) END, '');

-- Legal forms go, at the end first and then at the start, as long as a word is left.
CREATE TEMP MACRO without_legal_form(key) AS regexp_replace(
    regexp_replace(key,
        '( (oy|oyj|ab|abp|ay|ky|tmi|osk|ry|rf|hb|kb|publ|as|asa|ans|da|enk|nuf|sa|aps|ivs|ltd|limited|inc|llc|plc|gmbh|bv|nv|ou|a s|k s|p s|i s))+$',
        ''),
    '^((oy|ab|as|a s) )+', '');

CREATE TEMP MACRO email_key(t) AS nullif(CASE
    WHEN t IS NULL THEN NULL WHEN is_plain(t) THEN lower(trim(t)) ELSE other_code_key(t) END, '');

-- A business id in four steps: {id: what is left, country}. Steps as in docs/rules.md, "business id".
CREATE TEMP MACRO id_letters(t) AS upper(regexp_replace(t, '[^A-Za-z0-9]', '', 'g'));

CREATE TEMP MACRO id_country(id) AS CASE
    WHEN regexp_matches(id,
        '^(AT|BE|BG|CH|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IS|IT|LT|LU|LV|MT|NL|NO|PL|PT|RO|SE|SI|SK|XI)([^0-9]*[0-9]){6}')
    THEN {'id': substr(id, 3), 'country': substr(id, 1, 2)}
    ELSE {'id': id, 'country': NULL::VARCHAR} END;

CREATE TEMP MACRO id_mva(step) AS CASE
    WHEN step.id LIKE '%MVA' THEN {'id': left(step.id, length(step.id) - 3), 'country': 'NO'}
    ELSE step END;

CREATE TEMP MACRO id_twelve(step) AS CASE
    WHEN NOT regexp_full_match(step.id, '[0-9]{12}') THEN step
    WHEN step.country = 'SE' THEN {'id': left(step.id, 10), 'country': step.country}
    WHEN step.country IS NOT NULL THEN step
    WHEN left(step.id, 2) IN ('16', '18', '19', '20') THEN {'id': substr(step.id, 3), 'country': NULL::VARCHAR}
    WHEN right(step.id, 2) = '01' THEN {'id': left(step.id, 10), 'country': NULL::VARCHAR}
    ELSE step END;

-- NULL means "no id"
CREATE TEMP MACRO business_id(t) AS list_extract(list_transform(
    [id_twelve(id_mva(id_country(id_letters(t))))],
    lambda step: CASE
        WHEN length(regexp_replace(step.id, '[^0-9]', '', 'g')) < 5 THEN NULL
        WHEN regexp_full_match(step.id, '0+') THEN NULL
        ELSE step END), 1);

CREATE TEMP MACRO ids_equal(body_a, country_a, body_b, country_b) AS
    body_a = body_b AND (country_a IS NULL OR country_b IS NULL OR country_a = country_b);
