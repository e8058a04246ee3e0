with stg_f15_qms_audit__inspections as (
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
        delivered.inspection_no,
        delivered.topic,
        delivered.inspected_by,
        delivered.inspected_unit,
        delivered.inspection_date,
        delivered.outcome
    from {{ source('ods', 'f15_external_inspection') }} as delivered
)

select * from stg_f15_qms_audit__inspections
