{{
    config(
        unique_key=['ent_code'],
        meta={
            'readers': 'all',
            'affected_by': 'int_affected__enterprises',
            'affected_columns': ['ent_code'],
        },
    )
}}

-- The name is the one on the enterprise's last declaration, else that of its last assessment. One index probe each: an
-- applicant may have many lots.
with declared as (
    select
        affected.ent_code,
        lots.applicant_name
    from {{ ref('int_affected__enterprises') }} as affected
    cross join lateral (
        select lots.applicant_name
        from {{ ref('fct_inspection_lot') }} as lots
        where lots.known_to_no is null and lots.applicant_code = affected.ent_code
        order by lots.decl_date desc, lots.decl_no desc
        limit 1
    ) as lots
),

assessed as (
    select
        affected.ent_code,
        (array_agg(
            classes.ent_name
            order by classes.apply_date desc, classes.assess_no collate "C" desc
        ))[1] as ent_name
    from {{ ref('int_affected__enterprises') }} as affected
    inner join {{ next_state('fct_ent_class') }} as classes on affected.ent_code = classes.ent_code
    where not classes.is_void
    group by affected.ent_code
),

-- Honours, snapshots and lists of attendees have no name of their own, or none that a register vouches for.
told as (
    {% for mart in ['fct_ent_honor', 'fct_wood_integrity', 'fct_activity_attendee'] -%}
    select affected.ent_code
    from {{ ref('int_affected__enterprises') }} as affected
    inner join {{ next_state(mart) }} as it on affected.ent_code = it.ent_code
    where not it.is_void
    {{ 'union' if not loop.last }}
    {% endfor %}
),

dim_enterprise as (
    select
        affected.ent_code,
        coalesce(declared.applicant_name, assessed.ent_name, 'UNKNOWN') as name_zh,
        left(affected.ent_code, 6) as registered_at
    from {{ ref('int_affected__enterprises') }} as affected
    left join declared on affected.ent_code = declared.ent_code
    left join assessed on affected.ent_code = assessed.ent_code
    left join told on affected.ent_code = told.ent_code
    where coalesce(declared.ent_code, assessed.ent_code, told.ent_code) is not null
)

{{ versioned('dim_enterprise') }}
