-- Rules of scope build on what came of one record that stands by itself: its versions, and voids of nothing. A feed has
-- those of the three that its contract has.
with records as (
    select
        *,
        business_date as row_business_date
    from {{ ref('int_records__ranked') }}
),

rules as (
    select rule_id from {{ source('ref', 'rule') }}
    where scope = 'build'
),

told as (
    {% for ending, condition, expected, found in [
        (
            '-version-gap', 'version_step > 1', '(version_no - version_step + 1)::text', 'version_no::text',
        ),
        (
            '-version-duplicate', 'is_repeated_version', "'one row of a version'",
            "'several of version ' || version_no",
        ),
        ('-void-unknown', 'rank_no = 1 and not has_content', "'a record to void'", "'none'"),
    ] -%}
    select
        rule_prefix || '{{ ending }}' as rule_id,
        entity,
        key,
        0::smallint as item_no,
        {{ expected }} as expected,
        {{ found }} as found,
        version_no,
        sender_org,
        row_business_date as business_date,
        slice_version_id,
        delivery_id,
        line_no
    from records
    where {{ condition }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

int_findings__versions as (
    select told.*
    from told
    inner join rules on told.rule_id = rules.rule_id
)

select * from int_findings__versions
