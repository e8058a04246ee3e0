{{
    config(
        unique_key=['cert_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__certificates',
            'affected_columns': ['cert_no'],
            'indexes': [['cert_no'], ['decl_no'], ['issued_on', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}

with certificates as (
    select * from {{ ref('int_certificates__checked') }}
),

orgs as (
    select
        org_code,
        branch_code,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from {{ source('ref', 'org') }}
),

fct_certificate as (
    select
        certificates.cert_no,
        certificates.decl_no,
        certificates.cert_type,
        certificates.ie_flag,
        certificates.decl_type,
        certificates.issued_on,
        certificates.stat_date,
        coalesce(orgs.branch_code, 'UNKNOWN') as org_id,
        certificates.issue_org,
        certificates.sender_org,
        certificates.row_business_date as business_date,
        certificates.issue_time,
        certificates.valid_to,
        certificates.used_time,
        certificates.customs_decl_no,
        certificates.hs_code,
        {{ unknown('certificates.dest_country') }} as dest_country,
        certificates.copies,
        certificates.status,
        {{ unknown('certificates.direct_release_mode') }} as direct_release_mode,
        certificates.version_no,
        certificates.release_rank > 0 as is_release,
        coalesce(certificates.cert_no = certificates.release_cert_no, false) as is_first_release,
        coalesce(
            extract(hour from certificates.issue_time) not between 8 and 17 or not calendar.is_workday, false
        ) as is_issued_off_hours,
        certificates.is_void_itself or certificates.is_lot_void as is_void,
        certificates.is_used_expired,
        certificates.has_other_hs_code,
        certificates.has_other_country,
        certificates.is_before_evaluation,
        certificates.is_without_evaluation,
        certificates.is_on_void_lot,
        (not certificates.is_void_itself and not certificates.is_lot_void)::int as certificates,
        certificates.valid_to - certificates.issued_on as days_valid,
        certificates.slice_version_id,
        certificates.delivery_id,
        certificates.line_no,
        certificates.void_slice_version_id,
        certificates.void_delivery_id,
        certificates.void_line_no
    from certificates
    left join orgs
        on certificates.issue_org = orgs.org_code
        and certificates.issued_on >= orgs.valid_from
        and certificates.issued_on < orgs.valid_to
    left join {{ source('ref', 'calendar') }} as calendar on certificates.issued_on = calendar.day
)

{{ versioned('fct_certificate') }}
