{{
    config(
        unique_key=['sample_no', 'test_item'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'sample',
            'affected_columns': ['sample_no'],
            'indexes': [['sample_no'], ['decl_no'], ['received_on', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}

with results as (
    select * from {{ ref('int_results__current') }}
),

orgs as (
    select
        org_code,
        branch_code,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from {{ source('ref', 'org') }}
),

fct_lab_sample as (
    select
        results.sample_no,
        results.test_item,
        results.received_on,
        results.reported_on,
        coalesce(orgs.branch_code, 'UNKNOWN') as org_id,
        results.org_code,
        results.sender_org,
        results.row_business_date as business_date,
        results.lab_code,
        results.decl_no,
        results.programme,
        results.received_time,
        results.reported_time,
        results.method_std,
        results.result_value,
        {{ measured('results.result_value') }} as result_number,
        {{ detection_limit('results.result_value') }} as detection_limit,
        {{ is_not_detected('results.result_value') }} as is_not_detected,
        results.unit,
        results.limit_value,
        results.judgement,
        results.outsourcing_flag = '1' as is_outsourced,
        results.version_no,
        results.is_deleted as is_void,
        (not results.is_deleted)::int as results,
        (not results.is_deleted and results.judgement = 'FAIL')::int as results_failed,
        (not results.is_deleted and row_number() over (
            partition by results.sample_no order by results.is_deleted, results.test_item collate "C"
        ) = 1)::int as samples,
        results.slice_version_id,
        results.delivery_id,
        results.line_no,
        results.void_slice_version_id,
        results.void_delivery_id,
        results.void_line_no
    from results
    left join orgs
        on results.org_code = orgs.org_code
        and results.received_on >= orgs.valid_from
        and results.received_on < orgs.valid_to
)

{{ versioned('fct_lab_sample') }}
