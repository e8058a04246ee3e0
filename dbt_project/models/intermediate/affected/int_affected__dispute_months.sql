{{ config(indexes=[{'columns': ['org_id', 'case_kind', 'month_end'], 'unique': true}]) }}

-- Months of a branch and kind that may change: those of matters that this build opened or closed, of their snapshots,
-- and those whose end was closed. Whether a month shows at all is the fact's to say.
with days as (
    select
        matters.org_id,
        matters.case_kind,
        dated.day
    from {{ touched('fct_disputes') }} as matters
    cross join lateral (
        values (matters.accepted_date), (matters.filed_date), (matters.closed_date)
    ) as dated (day)
    where dated.day is not null
),

-- Of a matter that this build moved to another branch or kind, the snapshots count for the former one no longer.
snapshots as (
    select
        matters.org_id,
        matters.case_kind,
        month_ends.month_end
    from {{ touched('fct_disputes') }} as matters
    inner join {{ ref('fct_case_month_end') }} as month_ends on matters.matter_no = month_ends.matter_no
    where month_ends.known_to_no is null or month_ends.known_to_no = {{ next_no() }}
    union
    select
        matters.org_id,
        matters.case_kind,
        month_ends.month_end
    from {{ touched('fct_case_month_end') }} as month_ends
    inner join {{ ref('fct_disputes') }} as matters on month_ends.matter_no = matters.matter_no
    where matters.known_to_no is null or matters.known_to_no = {{ next_no() }}
),

closings as (
    select case entity when 'day' then key::date end as day
    from {{ source('audit', 'build_key') }} as keys
    where {{ of_this_build('keys') }} and keys.entity = 'day'
),

int_affected__dispute_months as (
    select
        org_id,
        case_kind,
        {{ month_end('day') }} as month_end
    from days
    union
    select
        org_id,
        case_kind,
        month_end
    from snapshots
    union
    select
        matters.org_id,
        matters.case_kind,
        closings.day
    from closings
    inner join {{ next_state('fct_disputes') }} as matters
        on closings.day in (
            {{ month_end('matters.accepted_date') }},
            {{ month_end('matters.filed_date') }},
            {{ month_end('matters.closed_date') }}
        )
)

select * from int_affected__dispute_months
