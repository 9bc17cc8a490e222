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

-- Legal forms go, at the end first and then at the start, as long as a word is left. Single letters may spell a form,
-- so that the order in which they go matters: those are for reconcile/names.py.
CREATE TEMP MACRO without_legal_form(key) AS CASE
    WHEN key IS NULL THEN NULL
    WHEN regexp_matches(key, '(^| )[^ ]( |$)') THEN other_without_legal_form(key)
    WHEN key[1] IN ('o', 'a') THEN regexp_replace(regexp_replace(key, '( ({legal_forms}))+$', ''), '^((oy|ab|as) )+', '')
    ELSE regexp_replace(key, '( ({legal_forms}))+$', '') END;

-- Both folded forms of a name key; for plain text without letters that fold, the key itself.
CREATE TEMP MACRO folds(key) AS strlen(key) <> length(key);  -- more bytes than letters
CREATE TEMP MACRO folded_always(key) AS replace(replace(replace(key, 'æ', 'ae'), 'ð', 'd'), 'þ', 'th');
CREATE TEMP MACRO folded_first(key) AS CASE
    WHEN NOT folds(key) THEN key
    WHEN is_plain(key) THEN strip_accents(replace(replace(replace(replace(replace(folded_always(key),
        'å', 'aa'), 'ä', 'ae'), 'ø', 'oe'), 'ö', 'oe'), 'ü', 'ue'))
    ELSE other_folded_first(key) END;
CREATE TEMP MACRO folded_second(key) AS CASE
    WHEN NOT folds(key) THEN key
    WHEN is_plain(key) THEN strip_accents(replace(folded_always(key), 'ø', 'o'))
    ELSE other_folded_second(key) END;

-- The addresses of a text, each once; most texts are one address and nothing else.
CREATE TEMP MACRO address_list(t) AS CASE
    WHEN t IS NULL THEN []
    WHEN regexp_full_match(t, '[A-Za-z0-9._+-]+@[A-Za-z0-9._+-]+') THEN [lower(t)]
    ELSE list_filter(string_split(other_addresses(t), ' '), lambda address: address <> '') END;

-- A business id as {id: its body, country}; NULL means "no id". The function is given each text once.
CREATE TEMP MACRO id_parts(t) AS CASE WHEN t <> '' THEN
    {'id': split_part(t, '/', 1), 'country': nullif(split_part(t, '/', 2), '')} END;

-- two ids whose countries do not differ: none differs from nothing
CREATE TEMP MACRO ids_equal(body_a, country_a, body_b, country_b) AS
    body_a = body_b AND (country_a IS NULL OR country_b IS NULL OR country_a = country_b);

-- Ids that two different companies have, and nobody has doubts about it: of one country, and not equal.
CREATE TEMP MACRO ids_differ(body_a, country_a, body_b, country_b) AS coalesce(country_a = country_b AND body_a <> body_b, false);
