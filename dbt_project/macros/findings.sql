{#-
    One select of findings. `from_sql` yields rows with the lineage of the row concerned; `item_no` is the goods_no or
    eval_seq, 0 for the declaration as a whole.
-#}
{% macro finding(rule, from_sql, condition, expected, found, item_no='0') %}
    select
        '{{ rule }}' as rule_id,
        concerned.decl_no,
        {{ item_no }}::smallint as item_no,
        ({{ expected }})::text as expected,
        ({{ found }})::text as found,
        concerned.version_no,
        concerned.sender_org,
        concerned.row_business_date as business_date,
        concerned.slice_version_id,
        concerned.delivery_id,
        concerned.line_no
    from {{ from_sql }}
    where {{ condition }}
{% endmacro %}


{#-
    When a slice's volume is unusual: below a `factor`-th of the median of the `workdays` before, or above `factor`
    times it, by at least `least` records, where `enough` of those days came. Ends of months and days before holidays
    reach 1.8 times the mean, and a branch of twenty records a day varies by ten.
-#}
{% macro volume_limits() -%}
    {{ return({'workdays': 20, 'enough': 10, 'factor': 3, 'least': 20}) }}
{%- endmacro %}


{#- Workdays of the holiday calendar, make-up Saturdays among them, so that neighbours differ by one. -#}
{% macro numbered_workdays() -%}
    (
        select
            day,
            row_number() over (order by day) as workday_no
        from {{ source('ref', 'calendar') }}
        where is_workday
    )
{%- endmacro %}
