{{
    config(
        unique_key=['hs_code'],
        meta={
            'readers': 'all',
            'affected_by': 'int_affected__hs_codes',
            'affected_columns': ['hs_code'],
        },
    )
}}

-- Codes as declared: the nomenclature at hand is of another edition, and no fact may lack its member for that.
with standing as (
    select affected.hs_code
    from {{ ref('int_affected__hs_codes') }} as affected
    where exists (
        select from {{ ref('fct_goods_line') }} as lines
        where lines.known_to_no is null and lines.hs_code = affected.hs_code
    )
),

dim_hs_declared as (
    select
        standing.hs_code,
        left(standing.hs_code, 6) as hs6,
        left(standing.hs_code, 4) as hs4,
        left(standing.hs_code, 2) as hs2,
        coalesce(subheading.section, heading.section, chapter.section, 'UNKNOWN') as section,
        coalesce(subheading.name_en, heading.name_en, chapter.name_en, 'UNKNOWN') as name_en,
        coalesce(subheading.name_zh, heading.name_zh, chapter.name_zh) as name_zh,
        subheading.hs_code is not null as is_in_nomenclature
    from standing
    left join {{ source('ref', 'hs') }} as subheading on left(standing.hs_code, 6) = subheading.hs_code
    left join {{ source('ref', 'hs') }} as heading on left(standing.hs_code, 4) = heading.hs_code
    left join {{ source('ref', 'hs') }} as chapter on left(standing.hs_code, 2) = chapter.hs_code
)

{{ versioned('dim_hs_declared') }}
