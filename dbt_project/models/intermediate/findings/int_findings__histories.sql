-- Rules of scope build on what came of one key over time: its versions, and the same number under another identity.
with declarations as (
    select
        *,
        business_date as row_business_date
    from {{ ref('int_declarations__ranked') }}
),

-- Only a number that told its contents more than once can have been used for two things.
told_again as (
    select distinct decl_no from declarations
    where content_no > 1
),

identified as (
    select
        declarations.*,
        concat_ws(' ', declarations.sender_org, delivered.ie_flag, delivered.applicant_code) as identity
    from told_again
    inner join declarations
        on told_again.decl_no = declarations.decl_no
        and not declarations.is_delete
    inner join {{ source('ods', 'f01_declaration') }} as delivered
        on declarations.business_date = delivered.business_date
        and declarations.slice_version_id = delivered.slice_version_id
        and declarations.record_no = delivered.record_no
),

reused as (
    select
        *,
        lead(identity) over (partition by decl_no order by rank_no) as identity_before
    from identified
),

goods as (
    select
        *,
        business_date as row_business_date,
        has_content and count(*) over (partition by decl_no, goods_no, set_no, has_content) > 1 as is_doubled
    from {{ ref('int_goods__ranked') }}
),

-- An item set is told by its first line.
item_sets as (
    select
        decl_no,
        set_no,
        version_no,
        sender_org,
        row_business_date,
        slice_version_id,
        delivery_id,
        min(line_no) as line_no
    from goods
    where has_content
    group by decl_no, set_no, version_no, sender_org, row_business_date, slice_version_id, delivery_id
),

sets as (
    select
        *,
        coalesce(version_no in (lag(version_no) over set_order, lead(version_no) over set_order), false)
            as is_repeated_version,
        version_no - coalesce(lead(version_no) over set_order, 0) as version_step
    from item_sets
    window set_order as (partition by decl_no order by set_no)
),

evaluations as (
    select
        *,
        business_date as row_business_date,
        version_no - coalesce(lead(version_no) over (partition by decl_no, eval_seq order by rank_no), 0)
            as version_step
    from {{ ref('int_evaluations__ranked') }}
),

int_findings__histories as (
    {{ finding(
        'F01-version-gap', 'declarations as concerned', 'concerned.version_step > 1',
        'concerned.version_no - concerned.version_step + 1', 'concerned.version_no',
    ) }}
    union all
    {{ finding(
        'F01-version-duplicate', 'declarations as concerned', 'concerned.is_repeated_version',
        "'one row of a version'", "'several of version ' || concerned.version_no",
    ) }}
    union all
    {{ finding(
        'F01-decl_no-reused', 'reused as concerned', 'concerned.identity <> concerned.identity_before',
        "'sender, direction and applicant ' || concerned.identity_before", 'concerned.identity',
    ) }}
    union all
    {{ finding(
        'F01-void-unknown', 'declarations as concerned', 'concerned.rank_no = 1 and not concerned.has_content',
        "'a declaration to void'", "'none'",
    ) }}
    union all
    {{ finding(
        'F02-version-gap', 'sets as concerned', 'concerned.version_step > 1',
        'concerned.version_no - concerned.version_step + 1', 'concerned.version_no',
    ) }}
    union all
    {{ finding(
        'F02-version-duplicate', 'sets as concerned', 'concerned.is_repeated_version',
        "'one item set of this version'", 'concerned.version_no',
    ) }}
    union all
    {{ finding(
        'F02-goods_no-duplicate', 'goods as concerned', 'concerned.is_doubled',
        "'one line of this number in the set'", 'concerned.goods_no', 'concerned.goods_no',
    ) }}
    union all
    {{ finding(
        'F02-void-unknown', 'goods as concerned', 'not concerned.has_content and not concerned.is_repeated',
        "'a goods line to void'", "'none'", 'concerned.goods_no',
    ) }}
    union all
    {{ finding(
        'F03-version-gap', 'evaluations as concerned', 'concerned.version_step > 1',
        'concerned.version_no - concerned.version_step + 1', 'concerned.version_no', 'concerned.eval_seq',
    ) }}
    union all
    {{ finding(
        'F03-version-duplicate', 'evaluations as concerned', 'concerned.is_repeated_version',
        "'one row of a version'", "'several of version ' || concerned.version_no", 'concerned.eval_seq',
    ) }}
    union all
    {{ finding(
        'F03-void-unknown', 'evaluations as concerned', 'concerned.rank_no = 1 and not concerned.has_content',
        "'an evaluation to void'", "'none'", 'concerned.eval_seq',
    ) }}
)

select * from int_findings__histories
