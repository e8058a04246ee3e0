{{
    config(
        unique_key=['org_id', 'case_kind', 'month_end'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__dispute_months',
            'affected_columns': ['org_id', 'case_kind', 'month_end'],
            'indexes': [['month_end', 'org_id']],
        },
    )
}}

-- What a branch may know of its disputes: no number, no day, no subject.
with matters as (
    select *
    from {{ next_state('fct_disputes') }} as it
    where complaints_accepted + reports_accepted + reconsiderations_filed + lawsuits_filed > 0
),

counted as (
    {% for measure, day in [
        ('accepted', 'accepted_date'), ('filed', 'filed_date'), ('closed', 'closed_date')
    ] -%}
    select
        affected.org_id,
        affected.case_kind,
        affected.month_end,
        '{{ measure }}' as measure,
        matters.matter_no
    from {{ ref('int_affected__dispute_months') }} as affected
    inner join matters
        on affected.org_id = matters.org_id
        and affected.case_kind = matters.case_kind
        and affected.month_end = {{ month_end('matters.' ~ day) }}
    {% if measure != 'closed' -%}
    where matters.case_kind {{ 'not in' if measure == 'filed' else 'in' }} ('COMPLAINT', 'REPORT')
    {% endif -%}
    union all
    {% endfor -%}
    -- A matter is open when one of its cases is.
    select distinct
        affected.org_id,
        affected.case_kind,
        affected.month_end,
        'open' as measure,
        matters.matter_no
    from {{ ref('int_affected__dispute_months') }} as affected
    inner join {{ next_state('fct_case_month_end') }} as snapshots on affected.month_end = snapshots.month_end
    inner join matters
        on snapshots.matter_no = matters.matter_no
        and affected.org_id = matters.org_id
        and affected.case_kind = matters.case_kind
),

fct_dispute_months as (
    select
        counted.org_id,
        counted.case_kind,
        counted.month_end,
        {% for measure in ['accepted', 'filed', 'closed'] -%}
        count(*) filter (where counted.measure = '{{ measure }}')::int as matters_{{ measure }},
        {% endfor -%}
        case
            when bool_or(closed.month_end is not null) then count(*) filter (where counted.measure = 'open')
        end::int as matters_open
    from counted
    left join {{ closed_month_ends() }} as closed on counted.month_end = closed.month_end
    group by counted.org_id, counted.case_kind, counted.month_end
)

{{ versioned('fct_dispute_months') }}
