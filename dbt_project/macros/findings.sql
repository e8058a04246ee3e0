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
