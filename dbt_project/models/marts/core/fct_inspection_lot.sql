{{
    config(
        unique_key=['decl_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__declarations',
            'affected_columns': ['decl_no'],
            'indexes': [
                ['decl_no'],
                ['stat_date', 'office'],
                ['applicant_code', 'decl_date', 'decl_no'],
                ['business_date', 'sender_org'],
            ],
        },
    )
}}

with declarations as (
    select * from {{ ref('int_declarations__current') }}
),

goods as (
    select * from {{ ref('int_lots__goods') }}
),

evaluated as (
    select * from {{ ref('int_lots__evaluated') }}
),

evaluations as (
    select
        decl_no,
        count(*)::int as evaluations
    from {{ ref('int_evaluations__current') }}
    where not is_deleted
    group by decl_no
),

released as (
    select * from {{ ref('int_lots__released') }}
),

quarantined as (
    select distinct open_rows.decl_no
    from {{ ref('int_affected__declarations') }} as affected
    inner join {{ ref('stg_quarantine__open_rows') }} as open_rows
        on affected.decl_no = open_rows.decl_no
),

orgs as (
    select
        org_code,
        branch_code,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from {{ source('ref', 'org') }}
),

decl_types as (
    select
        code,
        attributes ->> 'counts_in_goods_total' = '1' as counts_in_goods_total
    from {{ source('ref', 'code') }}
    where list_id = 'decl_type'
),

joined as (
    select
        declarations.*,
        coalesce(decl_types.counts_in_goods_total, false) as counts_in_goods_total,
        coalesce(insp.branch_code, accepting.branch_code, 'UNKNOWN') as org_id,
        coalesce(goods.goods_lines, 0) as goods_lines,
        coalesce(goods.goods_value, 0)::numeric(20, 2) as goods_value,
        coalesce(goods.value_usd_lines, 0)::numeric(20, 2) as value_usd_lines,
        coalesce(goods.net_weight_kg, 0)::numeric(20, 4) as net_weight_kg,
        coalesce(goods.principal_hs_code, 'NONE') as principal_hs_code,
        coalesce(left(goods.principal_hs_code, 6), 'NONE') as principal_hs6,
        goods.principal_goods_no,
        evaluated.stat_date,
        evaluated.first_eval_seq,
        evaluated.first_result,
        evaluated.final_eval_seq,
        evaluated.final_result,
        evaluated.nc_category,
        coalesce(evaluations.evaluations, 0) as evaluations,
        coalesce(evaluated.first_result in ('N', 'R', 'T'), false) as is_nonconforming,
        quarantined.decl_no is not null as has_open_quarantine,
        released.release_cert_no,
        released.release_time,
        coalesce(released.certificates, 0) as certificates,
        extract(hour from released.release_time) not between 8 and 17 or not calendar.is_workday
            as is_released_off_hours
    from declarations
    left join goods on declarations.decl_no = goods.decl_no
    left join evaluated on declarations.decl_no = evaluated.decl_no
    left join evaluations on declarations.decl_no = evaluations.decl_no
    left join quarantined on declarations.decl_no = quarantined.decl_no
    left join released on declarations.decl_no = released.decl_no
    left join {{ source('ref', 'calendar') }} as calendar on released.release_time::date = calendar.day
    -- The branch above on the day that the lot counts for; before it is evaluated, on the day that it was declared.
    cross join lateral (
        select coalesce(evaluated.stat_date, declarations.decl_date, declarations.business_date) as day
    ) as dated
    left join orgs as insp
        on declarations.insp_org = insp.org_code
        and dated.day >= insp.valid_from
        and dated.day < insp.valid_to
    left join orgs as accepting
        on declarations.accept_org = accepting.org_code
        and dated.day >= accepting.valid_from
        and dated.day < accepting.valid_to
    left join decl_types on declarations.decl_type = decl_types.code
),

counted as (
    select
        *,
        -- Which lots count: not void, evaluated, counting by type; the same set in volume and value (decisions 5).
        not is_void and stat_date is not null and counts_in_goods_total as is_counted
    from joined
),

fct_inspection_lot as (
    select
        decl_no,
        ie_flag,
        decl_type,
        decl_date,
        business_date,
        stat_date,
        org_id,
        insp_org as office,
        sender_org,
        accept_org,
        {{ unknown('purpose_org') }} as purpose_org,
        {{ unknown('visa_org') }} as visa_org,
        accept_time,
        applicant_code,
        applicant_name,
        {{ unknown('consignor_code') }} as consignor_code,
        {{ unknown('consignee_code') }} as consignee_code,
        {{ unknown('producer_code') }} as producer_code,
        trade_mode,
        {{ unknown('terms') }} as terms,
        {{ unknown('trade_country') }} as trade_country,
        {{ unknown('origin_country') }} as origin_country,
        {{ unknown('dest_country') }} as dest_country,
        partner_country,
        entry_exit_port,
        {{ unknown('transport_mode') }} as transport_mode,
        {{ unknown('origin_province') }} as origin_province,
        {{ unknown('zone_code') }} as zone_code,
        wood_pack_flag,
        direct_release_mode,
        e_supervision_flag,
        green_channel_flag,
        psi_flag,
        transfer_no,
        status,
        version_no,
        principal_hs_code,
        principal_hs6,
        principal_goods_no,
        first_eval_seq,
        first_result,
        final_eval_seq,
        final_result,
        nc_category,
        currency,
        usd_rate,
        rate_source,
        is_void,
        void_reason,
        counts_in_goods_total,
        is_nonconforming,
        is_counted,
        has_open_quarantine,
        is_counted::int as lots,
        (is_counted and is_nonconforming)::int as lots_nonconforming,
        total_value,
        value_usd,
        goods_value,
        value_usd_lines,
        (total_value - goods_value)::numeric(20, 2) as value_orig_unallocated,
        (coalesce(value_usd, 0) - value_usd_lines)::numeric(20, 2) as value_usd_unallocated,
        goods_lines,
        net_weight_kg,
        evaluations,
        container_20,
        container_40,
        slice_version_id,
        delivery_id,
        line_no,
        void_slice_version_id,
        void_delivery_id,
        void_line_no,
        release_cert_no,
        release_time,
        -- A release before the acceptance is a finding, and no time that clearance took.
        case
            when release_time >= accept_time
                then round(extract(epoch from release_time - accept_time) / 3600, 2)
        end::numeric(12, 2) as hours_accept_to_release,
        is_released_off_hours,
        coalesce(direct_release_mode <> 'NONE', false) as is_direct_release,
        certificates
    from counted
)

{{ versioned('fct_inspection_lot') }}
