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

-- The name is the one on the enterprise's last declaration. One index probe each: an applicant may have many lots.
with last_lots as (
    select
        affected.ent_code,
        lots.decl_no
    from {{ ref('int_affected__enterprises') }} as affected
    cross join lateral (
        select lots.decl_no
        from {{ ref('fct_inspection_lot') }} as lots
        where lots.known_to_no is null and lots.applicant_code = affected.ent_code
        order by lots.decl_date desc, lots.decl_no desc
        limit 1
    ) as lots
),

dim_enterprise as (
    select
        last_lots.ent_code,
        lots.applicant_name as name_zh,
        left(last_lots.ent_code, 6) as registered_at
    from last_lots
    inner join {{ ref('fct_inspection_lot') }} as lots
        on last_lots.decl_no = lots.decl_no and lots.known_to_no is null
)

{{ versioned('dim_enterprise') }}
