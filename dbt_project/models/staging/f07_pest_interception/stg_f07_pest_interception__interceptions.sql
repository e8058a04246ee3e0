with stg_f07_pest_interception__interceptions as (
    select
        delivered.slice_version_id,
        delivered.delivery_id,
        delivered.sender_org,
        delivered.business_date,
        delivered.record_no,
        delivered.line_no,
        delivered.op,
        delivered.version_no,
        delivered.org_code,
        delivered.interception_no,
        delivered.decl_no,
        delivered.intercept_date,
        delivered.source,
        delivered.host_hs,
        delivered.origin_country,
        delivered.species_code,
        delivered.species_latin,
        delivered.species_zh,
        delivered.taxon,
        delivered.life_stage,
        delivered.quantity,
        delivered.quarantine_pest_flag,
        delivered.first_in_china_flag,
        delivered.national_significance,
        delivered.lab_no,
        delivered.treatment,
        delivered.certificate_out
    from {{ source('ods', 'f07_pest_interception') }} as delivered
)

select * from stg_f07_pest_interception__interceptions
