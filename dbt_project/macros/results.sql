{#-
    A result as a laboratory reports it is text. As a number it is what it says when it is a plain one; '<0.01' says that
    nothing was found above 0.01, 'ND' and '未检出' that nothing was found: there is no number, and none is made up.
-#}
{% macro measured(result) -%}
    case when {{ result }} ~ '^-?[0-9]{1,12}([.][0-9]{1,8})?$' then {{ result }}::numeric end::numeric(20, 8)
{%- endmacro %}


{#- The limit below which nothing was found; empty where the result does not tell it. -#}
{% macro detection_limit(result) -%}
    case
        when {{ result }} ~ '^[<＜≤] ?[0-9]{1,12}([.][0-9]{1,8})?$'
            then ltrim({{ result }}, '<＜≤ ')::numeric
    end::numeric(20, 8)
{%- endmacro %}


{#- Whether nothing was found, whichever way it is written. -#}
{% macro is_not_detected(result) -%}
    ({{ result }} ~ '^[<＜≤] ?[0-9]' or upper({{ result }}) in ('ND', 'N.D.', 'NOT DETECTED', '未检出', '阴性'))
{%- endmacro %}
