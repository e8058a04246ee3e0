-- Rows that the standing slice versions left in quarantine: those of superseded or held deliveries are not open.
with stg_quarantine__open_rows as (
    select
        rejected.key ->> 'decl_no' as decl_no,
        rejected.feed_code,
        rejected.org_code,
        rejected.business_date,
        rejected.line_no,
        rejected.delivery_id,
        rejected.amount,
        rejected.currency
    from {{ source('quarantine', 'rejected_row') }} as rejected
    inner join {{ source('audit', 'slice_version') }} as versions
        on rejected.verdict_id = versions.verdict_id
    inner join {{ source('audit', 'slice_publication') }} as published
        on versions.slice_version_id = published.slice_version_id
        and published.known_to_no is null
    where rejected.state = 'open'
)

select * from stg_quarantine__open_rows
