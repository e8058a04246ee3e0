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

-- What a branch may know of its disputes: no number, no day, no subject. A month shows when its end is closed: one in
-- progress would grow from publication to publication, and tell on which day.
with months as (
    select affected.*
    from {{ ref('int_affected__dispute_months') }} as affected
    inner join {{ closed_month_ends() }} as closed on affected.month_end = closed.month_end
),

matters as (
    select *
    from {{ next_state('fct_disputes') }} as it
    where complaints_accepted + reports_accepted + reconsiderations_filed + lawsuits_filed > 0
),

counted as (
    {% for measure, day in [
        ('accepted', 'accepted_date'), ('filed', 'filed_date'), ('closed', 'closed_date')
    ] -%}
    select
        months.org_id,
        months.case_kind,
        months.month_end,
        '{{ measure }}' as measure,
        matters.matter_no
    from months
    inner join matters
        on months.org_id = matters.org_id
        and months.case_kind = matters.case_kind
        and months.month_end = {{ month_end('matters.' ~ day) }}
    {% if measure != 'closed' -%}
    where matters.case_kind {{ 'not in' if measure == 'filed' else 'in' }} ('COMPLAINT', 'REPORT')
    {% endif -%}
    union all
    {% endfor -%}
    -- A matter is open when one of its cases is.
    select distinct
        months.org_id,
        months.case_kind,
        months.month_end,
        'open' as measure,
        matters.matter_no
    from months
    inner join {{ next_state('fct_case_month_end') }} as snapshots on months.month_end = snapshots.month_end
    inner join matters
        on snapshots.matter_no = matters.matter_no
        and months.org_id = matters.org_id
        and months.case_kind = matters.case_kind
),

fct_dispute_months as (
    select
        counted.org_id,
        counted.case_kind,
        counted.month_end,
        {% for measure in ['accepted', 'filed', 'closed', 'open'] -%}
        count(*) filter (where counted.measure = '{{ measure }}')::int as matters_{{ measure }}
        {{- ',' if not loop.last }}
        {% endfor %}
    from counted
    group by counted.org_id, counted.case_kind, counted.month_end
)

{{ versioned('fct_dispute_months') }}
