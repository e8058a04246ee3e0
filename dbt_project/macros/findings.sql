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
    The same on a certificate, an event, a return or a notice. `key` is the column that names the entity of its contract;
    `item_no` the event_seq, 0 for a certificate, case, return or notice as a whole.
-#}
{% macro finding_on(entity, key, rule, from_sql, condition, expected, found, item_no='0') %}
    select
        '{{ rule }}' as rule_id,
        '{{ entity }}' as entity,
        concerned.{{ key }} as key,
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
    The columns of a mart of findings, from the rows `found` and the rules. `key`: what they are about; `reader`: the
    branch that sees a row, where that is not its sender.
-#}
{% macro finding_columns(key, reader=none) %}
    found.rule_id,
    left(found.rule_id, 3) as feed_code,
    coalesce(rules.severity, 'warning') as severity,
    {% for column in key -%}
    found.{{ column }},
    {% endfor -%}
    found.item_no,
    found.version_no,
    found.sender_org,
    {%- if reader %}
    {{ reader }} as reader_org,
    {%- endif %}
    found.business_date,
    found.expected,
    found.found,
    1 as findings,
    found.slice_version_id,
    found.delivery_id,
    found.line_no
{% endmacro %}


{#- No branch is named that would see a finding on what is for readers of the whole province. -#}
{% macro reader_of_case_finding() -%}
    case when found.entity not in ({{ texts(province_entities()) }}) then found.sender_org end
{%- endmacro %}


{#-
    The state machines of cases (docs/calibres.md): after the event `state`, which events may be next; '' is the start.
    Before a decision the steps may be skipped and repeated; WITHDRAWN and TRANSFERRED end a case that is not decided,
    what is decided is undone by REVOKED.
-#}
{% macro case_transitions() -%}
    {{ return([
        ('F10', '', 'FILED DECIDED'),
        ('F10', 'FILED', 'INVEST REVIEW NOTICE HEARING DECIDED WITHDRAWN TRANSFERRED'),
        ('F10', 'INVEST', 'INVEST REVIEW NOTICE HEARING DECIDED WITHDRAWN TRANSFERRED'),
        ('F10', 'REVIEW', 'INVEST REVIEW NOTICE HEARING DECIDED WITHDRAWN TRANSFERRED'),
        ('F10', 'NOTICE', 'INVEST REVIEW NOTICE HEARING DECIDED WITHDRAWN TRANSFERRED'),
        ('F10', 'HEARING', 'INVEST REVIEW NOTICE HEARING DECIDED WITHDRAWN TRANSFERRED'),
        ('F10', 'DECIDED', 'SERVED EXECUTED AMENDED REVOKED CLOSED'),
        ('F10', 'SERVED', 'SERVED EXECUTED AMENDED REVOKED CLOSED'),
        ('F10', 'EXECUTED', 'SERVED EXECUTED AMENDED REVOKED CLOSED'),
        ('F10', 'AMENDED', 'SERVED EXECUTED AMENDED REVOKED CLOSED'),
        ('F10', 'REVOKED', 'INVEST REVIEW NOTICE HEARING DECIDED WITHDRAWN TRANSFERRED CLOSED'),
        ('F10', 'WITHDRAWN', 'CLOSED'),
        ('F10', 'TRANSFERRED', 'CLOSED'),
        ('F10', 'CLOSED', 'SERVED EXECUTED AMENDED REVOKED'),
        ('F11', '', 'RECEIVED'),
        ('F11', 'RECEIVED', 'ACCEPTED REJECTED ASSIGNED REPLIED'),
        ('F11', 'ACCEPTED', 'ASSIGNED REPLIED CLOSED'),
        ('F11', 'ASSIGNED', 'ACCEPTED REJECTED ASSIGNED REPLIED CLOSED'),
        ('F11', 'REPLIED', 'ASSIGNED REPLIED CLOSED'),
        ('F11', 'REJECTED', 'REPLIED CLOSED REOPENED'),
        ('F11', 'CLOSED', 'REOPENED'),
        ('F11', 'REOPENED', 'ACCEPTED REJECTED ASSIGNED REPLIED CLOSED'),
        ('F12', '', 'FILED'),
        ('F12', 'FILED', 'ACCEPTED REJECTED WITHDRAWN'),
        ('F12', 'ACCEPTED', 'HEARING DECIDED WITHDRAWN'),
        ('F12', 'HEARING', 'HEARING DECIDED WITHDRAWN'),
        ('F12', 'DECIDED', 'CLOSED'),
        ('F12', 'REJECTED', 'CLOSED'),
        ('F12', 'WITHDRAWN', 'CLOSED'),
    ]) }}
{%- endmacro %}


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
