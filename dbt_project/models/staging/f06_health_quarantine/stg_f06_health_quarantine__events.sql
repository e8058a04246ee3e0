with stg_f06_health_quarantine__events as (
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
        delivered.event_no,
        delivered.event_type,
        delivered.port,
        delivered.event_date,
        delivered.conveyance_id,
        delivered.from_country,
        delivered.inspected_cnt,
        delivered.vector_positive_cnt,
        delivered.vector_code,
        delivered.vector_latin,
        delivered.vector_qty,
        delivered.pathogen_positive,
        delivered.persons_screened,
        delivered.fever_cnt,
        delivered.disease_code,
        delivered.confirmed_flag,
        delivered.cluster_id,
        delivered.treatment,
        delivered.treatment_operator
    from {{ source('ods', 'f06_health_quarantine') }} as delivered
)

select * from stg_f06_health_quarantine__events
