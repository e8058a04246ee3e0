{{
    config(
        unique_key=['interception_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'interception',
            'affected_columns': ['interception_no'],
            'indexes': [['interception_no'], ['decl_no'], ['intercept_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}

with interceptions as (
    select * from {{ ref('int_interceptions__current') }}
),

fct_pest_interception as (
    select
        interceptions.interception_no,
        interceptions.intercept_date,
        {{ branch_above('interceptions.org_code', 'interceptions.intercept_date') }} as org_id,
        interceptions.org_code,
        interceptions.sender_org,
        interceptions.row_business_date as business_date,
        interceptions.decl_no,
        interceptions.source,
        interceptions.host_hs,
        interceptions.origin_country,
        interceptions.species_code,
        interceptions.species_latin,
        interceptions.species_zh,
        interceptions.taxon,
        {{ unknown('interceptions.life_stage') }} as life_stage,
        interceptions.quarantine_pest_flag = '1' as is_quarantine_pest,
        interceptions.first_in_china_flag = '1' as is_first_in_china,
        interceptions.national_significance = '1' as is_national_significance,
        interceptions.species_latin ~ ' spp?[.]' as is_identification_pending,
        interceptions.lab_no,
        {{ unknown('interceptions.treatment') }} as treatment,
        coalesce(interceptions.certificate_out = '1', false) as is_certificate_issued,
        interceptions.version_no,
        interceptions.is_deleted as is_void,
        (not interceptions.is_deleted)::int as interceptions,
        (not interceptions.is_deleted and interceptions.quarantine_pest_flag = '1')::int as interceptions_quarantine,
        (not interceptions.is_deleted and interceptions.national_significance = '1')::int as interceptions_national,
        interceptions.quantity,
        interceptions.slice_version_id,
        interceptions.delivery_id,
        interceptions.line_no,
        interceptions.void_slice_version_id,
        interceptions.void_delivery_id,
        interceptions.void_line_no
    from interceptions
)

{{ versioned('fct_pest_interception') }}
