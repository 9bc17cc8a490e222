{% macro name_key(name) %}
    nullif(trim(regexp_replace(lower(nfc_normalize({{ name }})), '[^\p{L}\p{M}\p{Nd}]+', ' ', 'g')), '')
{% endmacro %}

{% macro company_key(name) %}
    regexp_replace(regexp_replace({{ name_key(name) }},
        '( (oy|oyj|ab|abp|ay|ky|tmi|osk|ry|rf|hb|kb|publ|as|asa|ans|da|enk|nuf|sa|aps|ivs|ltd|limited|inc|llc|plc|gmbh|bv|nv|ou|a s|k s|p s|i s))+$', ''),
        '^((oy|ab|as|a s) )+', '')
{% endmacro %}

{% macro letters(id) %} upper(regexp_replace({{ id }}, '[^A-Za-z0-9]', '', 'g')) {% endmacro %}

{% macro body(id) %}
    nullif(regexp_replace(regexp_replace({{ letters(id) }},
        '^(AT|BE|BG|CH|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IS|IT|LT|LU|LV|MT|NL|NO|PL|PT|RO|SE|SI|SK|XI)([^0-9]*[0-9]{6})', '\2'),
        'MVA$', ''), '')
{% endmacro %}

{% macro country(id) %}
    coalesce(nullif(regexp_extract({{ letters(id) }}, '^([A-Z]{2})[^0-9]*[0-9]{6}', 1), ''),
             case when {{ letters(id) }} like '%MVA' then 'NO' end)
{% endmacro %}
