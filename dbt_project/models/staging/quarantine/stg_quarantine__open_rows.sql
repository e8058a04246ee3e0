-- Rows that the standing slice versions left in quarantine: those of superseded or held deliveries are not open.
-- Their state is not asked: it moves with verdicts that this build must not see yet.
-- `decl_no`: of the rows that make up a lot. Wood packaging is known by a lot's number, too; a row of it that is broken
-- changes nothing of the lot, and no build looks at the lot for its sake.
with stg_quarantine__open_rows as (
    select
        case when rejected.feed_code in ('F01', 'F02', 'F03') then rejected.key ->> 'decl_no' end as decl_no,
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
