{#-
    The four categories of goods of the bureau's statistical tables, by HS chapter: animals and their products with hides,
    silk and wool; plants and theirs with wood and cotton; food and cosmetics; all else is industrial.
-#}
{% macro goods_category(hs) -%}
    case
        when {{ hs }} in ('NONE', 'UNALLOCATED') then 'NONE'
        when left({{ hs }}, 2) between '01' and '05' or left({{ hs }}, 2) in ('41', '42', '43', '50', '51') then 'ANIMAL'
        when left({{ hs }}, 2) between '06' and '14' or left({{ hs }}, 2) in ('44', '45', '46', '52', '53') then 'PLANT'
        when left({{ hs }}, 2) between '15' and '24' or left({{ hs }}, 2) = '33' then 'FOOD'
        else 'INDUSTRIAL'
    end
{%- endmacro %}
