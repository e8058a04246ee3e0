{#- The member of every dimension that stands for an empty key. -#}
{% macro unknown(column) -%} coalesce({{ column }}, 'UNKNOWN') {%- endmacro %}


{#- Partner country (decisions 5): entry: origin; exit: destination; else the trading country; else unknown. -#}
{% macro partner_country(ie_flag, origin, destination, trade) -%}
    coalesce(case {{ ie_flag }} when 'I' then {{ origin }} else {{ destination }} end, {{ trade }}, 'UNKNOWN')
{%- endmacro %}
