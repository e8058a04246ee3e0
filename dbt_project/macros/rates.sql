{#-
    USD per 100 units (Q5): as the feed carries it, else the last rate published on or before the day. The subselect
    runs only for rows that need it.
-#}
{% macro usd_rate(own, currency, day) -%}
    coalesce(
        {{ own }},
        case when {{ currency }} = 'USD' then 100 end,
        (
            select rates.usd_per_100
            from {{ source('ref', 'fx_rate') }} as rates
            where rates.currency = {{ currency }} and rates.day <= {{ day }}
            order by rates.day desc
            limit 1
        )
    )::numeric(18, 8)
{%- endmacro %}


{#- An amount in USD, rounded to cents as PostgreSQL rounds numeric. -#}
{% macro in_usd(amount, rate) -%} round({{ amount }} * {{ rate }} / 100, 2)::numeric(18, 2) {%- endmacro %}
