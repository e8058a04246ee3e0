-- Not materialized: the planner knows nothing of a materialized CTE, and joins it row by row.
with ranked as not materialized (
    select * from {{ ref('int_declarations__ranked') }}
),

-- The winner by record order says whether the lot is void; the columns are those of the last I or U (decisions 5).
heads as (
    select
        decl_no,
        min(business_date) as first_business_date,
        bool_or(is_delete) filter (where rank_no = 1) as is_deleted,
        max(void_reason) filter (where rank_no = 1) as void_reason,
        max(slice_version_id) filter (where rank_no = 1 and is_delete) as void_slice_version_id,
        max(delivery_id) filter (where rank_no = 1 and is_delete) as void_delivery_id,
        max(line_no) filter (where rank_no = 1 and is_delete) as void_line_no
    from ranked
    group by decl_no
),

contents as (
    select delivered.*
    from ranked
    inner join {{ source('ods', 'f01_declaration') }} as delivered
        on ranked.business_date = delivered.business_date
        and ranked.slice_version_id = delivered.slice_version_id
        and ranked.record_no = delivered.record_no
    where ranked.content_no = 1 and not ranked.is_delete
),

rated as (
    select
        *,
        {{ usd_rate('contents.usd_rate', 'contents.currency', 'contents.decl_date') }} as used_rate
    from contents
),

int_declarations__current as (
    select
        rated.decl_no,
        rated.ie_flag,
        rated.decl_type,
        rated.decl_date,
        heads.first_business_date as business_date,
        rated.accept_time,
        rated.accept_org,
        rated.insp_org,
        rated.purpose_org,
        rated.visa_org,
        rated.accept_officer,
        rated.fee_officer,
        rated.cashier,
        rated.applicant_code,
        rated.applicant_name,
        rated.consignor_code,
        rated.consignee_code,
        rated.producer_code,
        rated.trade_mode,
        rated.terms,
        rated.trade_country,
        rated.origin_country,
        rated.dest_country,
        {{ partner_country('rated.ie_flag', 'rated.origin_country', 'rated.dest_country', 'rated.trade_country') }}
            as partner_country,
        rated.entry_exit_port,
        rated.transport_mode,
        rated.origin_province,
        rated.zone_code,
        rated.wood_pack_flag,
        rated.container_20,
        rated.container_40,
        rated.direct_release_mode,
        rated.e_supervision_flag,
        rated.green_channel_flag,
        rated.psi_flag,
        rated.total_value,
        rated.currency,
        rated.used_rate as usd_rate,
        case
            when rated.usd_rate is not null then 'FEED'
            when rated.used_rate is not null then 'PUBLISHED'
            else 'NONE'
        end as rate_source,
        {{ in_usd('rated.total_value', 'rated.used_rate') }} as value_usd,
        rated.value_usd as sent_value_usd,
        rated.transfer_no,
        rated.status,
        rated.version_no,
        heads.is_deleted or rated.status = 'VOID' as is_void,
        coalesce(heads.void_reason, rated.void_reason) as void_reason,
        rated.sender_org,
        rated.business_date as row_business_date,
        rated.slice_version_id,
        rated.delivery_id,
        rated.line_no,
        heads.void_slice_version_id,
        heads.void_delivery_id,
        heads.void_line_no
    from rated
    inner join heads on rated.decl_no = heads.decl_no
)

select * from int_declarations__current
