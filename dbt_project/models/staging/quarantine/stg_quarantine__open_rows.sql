-- Rows that the standing slice versions left in quarantine: those of superseded or held deliveries are not open.
-- Their state is not asked: it moves with verdicts that this build must not see yet.
with stg_quarantine__open_rows as (
    select
        rejected.key ->> 'decl_no' as decl_no,
        rejected.key ->> 'case_no' as case_no,
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
)

select * from stg_quarantine__open_rows
