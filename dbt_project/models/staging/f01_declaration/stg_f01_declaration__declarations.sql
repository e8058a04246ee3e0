with slices as (
    select
        published.slice_version_id,
        -- The place of a delivery in the sender's order (decisions 1.2) as a number: cheap to sort many rows by.
        row_number() over (order by versions.place, versions.slice_version_id) as place_no
    from {{ source('audit', 'slice_publication') }} as published
    inner join {{ source('audit', 'slice_version') }} as versions
        on published.slice_version_id = versions.slice_version_id
    where published.feed_code = 'F01' and published.known_to_no is null
),

stg_f01_declaration__declarations as (
    select
        slices.place_no,
        delivered.slice_version_id,
        delivered.delivery_id,
        delivered.sender_org,
        delivered.business_date,
        delivered.record_no,
        delivered.line_no,
        delivered.op,
        delivered.version_no,
        delivered.decl_no,
        delivered.ie_flag,
        delivered.decl_type,
        delivered.decl_date,
        delivered.accept_time,
        delivered.accept_org,
        delivered.insp_org,
        delivered.purpose_org,
        delivered.visa_org,
        delivered.accept_officer,
        delivered.applicant_code,
        delivered.applicant_name,
        delivered.consignor_code,
        delivered.consignee_code,
        delivered.producer_code,
        delivered.trade_mode,
        delivered.terms,
        delivered.trade_country,
        delivered.origin_country,
        delivered.dest_country,
        delivered.entry_exit_port,
        delivered.transport_mode,
        delivered.origin_province,
        delivered.zone_code,
        delivered.wood_pack_flag,
        delivered.container_20,
        delivered.container_40,
        delivered.direct_release_mode,
        delivered.e_supervision_flag,
        delivered.green_channel_flag,
        delivered.psi_flag,
        delivered.total_value,
        delivered.currency,
        delivered.usd_rate,
        delivered.value_usd,
        delivered.transfer_no,
        delivered.status,
        delivered.void_reason
    from {{ source('ods', 'f01_declaration') }} as delivered
    inner join slices on delivered.slice_version_id = slices.slice_version_id
)

select * from stg_f01_declaration__declarations
