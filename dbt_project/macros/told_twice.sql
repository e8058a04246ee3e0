{#-
    Records of F16 that two organisations, or one twice, may tell under numbers of their own: what makes two of them the
    same, but for the number. A null is like no other, but in `may_lack`; of `same_year` only the year counts.
-#}
{% macro told_twice() -%}
    {{ return([
        {'rule': 'F16-recognition-repeated', 'entity': 'recognition', 'mart': 'fct_recognition',
         'key': 'recognition_no', 'same': ['recognition_type', 'recipient', 'recognition_date']},
        {'rule': 'F16-demo_zone-repeated', 'entity': 'demo_zone', 'mart': 'fct_demo_zone',
         'key': 'zone_event_no', 'same': ['zone_type', 'zone_event', 'zone_name'], 'may_lack': ['zone_level'], 'same_year': 'event_date'},
        {'rule': 'F16-document-repeated', 'entity': 'document', 'mart': 'fct_document',
         'key': 'key', 'same': ['entity', 'doc_code', 'title', 'doc_date']},
    ]) }}
{%- endmacro %}


{#- Whether two rows of such a record are the same. -#}
{% macro is_told_twice(one, left, right) -%}
    {% for column in one.same -%}
        {{ left }}.{{ column }} = {{ right }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor %}
    {%- for column in one.may_lack or [] %} and {{ left }}.{{ column }} is not distinct from {{ right }}.{{ column }}
    {%- endfor %}
    {%- if one.same_year %} and extract(year from {{ left }}.{{ one.same_year }})
    = extract(year from {{ right }}.{{ one.same_year }})
    {%- endif %}
{%- endmacro %}
