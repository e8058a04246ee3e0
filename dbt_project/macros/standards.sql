{#-
    A standard's number in one way of writing: half-width capitals, one kind of dash, no blanks but the one between the
    letters and the number. `ＳＮ/T0270—1993` and `SN/T 0270 - 1993` are SN/T 0270-1993. Provinces' standards have two
    digits in their letters: DB32/T 1234-2008.
-#}
{% macro standard_number(number) -%}
    regexp_replace(
        regexp_replace(
            translate(
                upper(normalize({{ number }}, nfkc)), U&'\2010\2011\2012\2013\2014\2015\2212\30FC\FE63', '---------'
            ),
            '[[:space:]]+', '', 'g'
        ),
        '^(DB[0-9]{2}(?:/T)?|[A-Z/]+)([0-9])', '\1 \2'
    )
{%- endmacro %}
