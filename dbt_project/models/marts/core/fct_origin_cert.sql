{{
    config(
        unique_key=['coo_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__origin_certs',
            'affected_columns': ['coo_no'],
            'indexes': [['coo_no'], ['issue_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}

with certs as (
    select * from {{ ref('int_origin_certs__counted') }}
),

fct_origin_cert as (
    select
        certs.coo_no,
        certs.coo_type,
        certs.apply_ent,
        certs.apply_ent_name,
        certs.issue_org,
        {{ branch_above('certs.issue_org', 'certs.issue_date') }} as org_id,
        certs.issue_date,
        extract(year from certs.issue_date)::int as issue_year,
        certs.dest_country,
        certs.invoice_no,
        certs.hs6,
        certs.origin_criterion,
        certs.mfn_rate,
        certs.pref_rate,
        certs.fob_usd,
        certs.est_duty_saving_cny as saving_told_cny,
        certs.replaces_coo_no,
        certs.replaced_by_coo_no,
        certs.retro_flag,
        certs.status,
        certs.org_code,
        certs.sender_org,
        certs.row_business_date as business_date,
        certs.version_no,
        certs.is_void,
        certs.is_counted,
        certs.is_counted::int as certificates,
        (case when certs.is_counted then certs.fob_usd else 0 end)::numeric(18, 2) as fob_counted_usd,
        (case when certs.is_counted then certs.known_saving_cny else 0 end)::numeric(18, 2) as est_duty_saving_cny,
        certs.slice_version_id,
        certs.delivery_id,
        certs.line_no,
        certs.void_slice_version_id,
        certs.void_delivery_id,
        certs.void_line_no
    from certs
)

{{ versioned('fct_origin_cert') }}
