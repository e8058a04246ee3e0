with stg_f05_origin_cert__certificates as (
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
        delivered.coo_no,
        delivered.coo_type,
        delivered.apply_ent,
        delivered.apply_ent_name,
        delivered.issue_org,
        delivered.issue_date,
        delivered.dest_country,
        delivered.invoice_no,
        delivered.fob_usd,
        delivered.hs6,
        delivered.origin_criterion,
        delivered.mfn_rate,
        delivered.pref_rate,
        delivered.est_duty_saving_cny,
        delivered.replaces_coo_no,
        delivered.retro_flag,
        delivered.status
    from {{ source('ods', 'f05_origin_cert') }} as delivered
)

select * from stg_f05_origin_cert__certificates
