{{
    config(
        unique_key=['feed_code', 'slice_version_id', 'record_no'],
        meta={
            'branch_column': 'sender_org',
            'affected_by': 'int_affected__lot_rows',
            'affected_columns': ['decl_no'],
            'indexes': [['decl_no'], ['feed_code', 'sender_org', 'business_date']],
        },
    )
}}
-- depends_on: {{ ref('int_affected__lot_rows') }}

{%- set columns -%}
    decl_no,
        version_no,
        sender_org,
        business_date,
        slice_version_id,
        delivery_id,
        record_no,
        line_no
{%- endset %}

with known as (
    select decl_no as known_decl_no from {{ ref('int_declarations__current') }}
),

-- A certificate may name a lot that this build does not rebuild.
known_lots as not materialized (
    select decl_no from {{ next_state('fct_inspection_lot') }} as it
),

-- The first class that fits: superseded, (void), waiting (decisions 5).
declarations as (
    select
        'F01' as feed_code,
        {{ columns }},
        case when rank_no > 1 then 'superseded' else 'waiting' end as fate,
        case when rank_no > 1 then 'later_record' else 'void_without_record' end as reason,
        null as item
    from {{ ref('int_declarations__ranked') }}
    where rank_no > 1 or not has_content
),

goods as (
    select
        'F02' as feed_code,
        {{ columns }},
        case when set_no > 1 or is_repeated then 'superseded' else 'waiting' end as fate,
        case
            when set_no > 1 or is_repeated then 'later_record'
            when not has_content then 'void_without_record'
            else 'declaration_missing'
        end as reason,
        goods_no::text as item
    from {{ ref('int_goods__ranked') }}
    left join known on decl_no = known.known_decl_no
    where set_no > 1 or is_repeated or not has_content or known.known_decl_no is null
),

evaluations as (
    select
        'F03' as feed_code,
        {{ columns }},
        case when rank_no > 1 then 'superseded' else 'waiting' end as fate,
        case
            when rank_no > 1 then 'later_record'
            when not has_content then 'void_without_record'
            else 'declaration_missing'
        end as reason,
        eval_seq::text as item
    from {{ ref('int_evaluations__ranked') }}
    left join known on decl_no = known.known_decl_no
    where rank_no > 1 or not has_content or known.known_decl_no is null
),

certificates as (
    select
        'F04' as feed_code,
        -- A D names no declaration: it is that of the record that it takes back, if there is one.
        coalesce(ranked.decl_no, standing.decl_no, ranked.cert_no) as decl_no,
        ranked.version_no,
        ranked.sender_org,
        ranked.business_date,
        ranked.slice_version_id,
        ranked.delivery_id,
        ranked.record_no,
        ranked.line_no,
        case when ranked.rank_no > 1 then 'superseded' else 'waiting' end as fate,
        case
            when ranked.rank_no > 1 then 'later_record'
            when not ranked.has_content then 'void_without_record'
            else 'declaration_missing'
        end as reason,
        ranked.cert_no as item
    from {{ ref('int_certificates__ranked') }} as ranked
    left join {{ ref('int_certificates__current') }} as standing on ranked.cert_no = standing.cert_no
    left join known_lots on standing.decl_no = known_lots.decl_no
    where ranked.rank_no > 1 or not ranked.has_content or known_lots.decl_no is null
),

unused as (
    select * from declarations
    union all
    select * from goods
    union all
    select * from evaluations
    union all
    select * from certificates
),

fct_unused_row as (
    select
        unused.feed_code,
        unused.decl_no,
        unused.version_no,
        unused.sender_org,
        unused.business_date,
        unused.fate,
        unused.reason,
        coalesce(headers.currency, lines.currency) as currency,
        coalesce(headers.total_value, lines.goods_value)::numeric(18, 2) as value_orig,
        {{ in_usd('headers.total_value', usd_rate('headers.usd_rate', 'headers.currency', 'headers.decl_date')) }}
            as value_usd,
        unused.slice_version_id,
        unused.delivery_id,
        unused.record_no,
        unused.line_no,
        unused.item
    from unused
    left join {{ source('ods', 'f01_declaration') }} as headers
        on unused.feed_code = 'F01'
        and unused.business_date = headers.business_date
        and unused.slice_version_id = headers.slice_version_id
        and unused.record_no = headers.record_no
    left join {{ source('ods', 'f02_goods') }} as lines
        on unused.feed_code = 'F02'
        and unused.business_date = lines.business_date
        and unused.slice_version_id = lines.slice_version_id
        and unused.record_no = lines.record_no
)

{{ versioned('fct_unused_row') }}
