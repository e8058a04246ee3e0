with stg_f13_lab_sample__results as (
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
        delivered.sample_no,
        delivered.test_item,
        delivered.lab_code,
        delivered.decl_no,
        delivered.programme,
        delivered.received_time,
        delivered.method_std,
        delivered.result_value,
        delivered.unit,
        delivered.limit_value,
        delivered.judgement,
        delivered.reported_time,
        delivered.outsourcing_flag,
        delivered.received_on,
        delivered.reported_on
    from {{ source('ods', 'f13_lab_sample') }} as delivered
)

select * from stg_f13_lab_sample__results
