-- Rules of scope build on declarations as they stand. Void lots have no findings but on their versions.
with headers as (
    select
        declarations.*,
        coalesce(goods.goods_lines, 0) as goods_lines,
        goods.goods_value,
        goods.is_one_currency,
        goods.last_goods_no,
        evaluated.stat_date is not null as is_evaluated
    from {{ ref('int_declarations__current') }} as declarations
    left join {{ ref('int_lots__goods') }} as goods on declarations.decl_no = goods.decl_no
    left join {{ ref('int_lots__evaluated') }} as evaluated on declarations.decl_no = evaluated.decl_no
),

int_findings__declarations as (
    {{ finding(
        'F01-time-order', 'headers as concerned',
        'not concerned.is_void and concerned.accept_time < concerned.decl_date',
        'concerned.decl_date', 'concerned.accept_time',
    ) }}
    union all
    {{ finding(
        'F01-decl_no-direction', 'headers as concerned',
        "not concerned.is_void and substr(concerned.decl_no, 7, 1) = case concerned.ie_flag when 'I' then '2' else '1' end",
        "case concerned.ie_flag when 'I' then '1 (entry)' else '2 (exit)' end",
        'substr(concerned.decl_no, 7, 1)',
    ) }}
    union all
    {{ finding(
        'F01-duty-same_person', 'headers as concerned',
        'not concerned.is_void and concerned.fee_officer = concerned.cashier',
        "'another person than the fee officer'", "'the same person'",
    ) }}
    union all
    {{ finding(
        'F01-rate-missing', 'headers as concerned', "not concerned.is_void and concerned.rate_source = 'NONE'",
        "'a rate for ' || concerned.currency || ' on or before ' || concerned.decl_date", 'null',
    ) }}
    union all
    {{ finding(
        'F01-rate-filled', 'headers as concerned', "not concerned.is_void and concerned.rate_source = 'PUBLISHED'",
        "'a rate in the feed'", 'concerned.usd_rate',
    ) }}
    union all
    {{ finding(
        'F01-value_usd-differs', 'headers as concerned',
        'not concerned.is_void and concerned.sent_value_usd <> concerned.value_usd',
        'concerned.value_usd', 'concerned.sent_value_usd',
    ) }}
    union all
    {{ finding(
        'F01-lines-total', 'headers as concerned',
        'not concerned.is_void and concerned.is_one_currency and abs(concerned.total_value - concerned.goods_value) > 0.01',
        'concerned.total_value', 'concerned.goods_value',
    ) }}
    union all
    {{ finding(
        'F01-lines-missing', 'headers as concerned', 'not concerned.is_void and concerned.goods_lines = 0',
        "'at least one goods line'", '0',
    ) }}
    union all
    {{ finding(
        'F01-status-unevaluated', 'headers as concerned',
        "not concerned.is_void and concerned.status in ('REL', 'ARCH') and not concerned.is_evaluated",
        "'an evaluation before the release'", 'concerned.status',
    ) }}
    union all
    {{ finding(
        'F02-goods_no-gap', 'headers as concerned',
        'not concerned.is_void and concerned.last_goods_no > concerned.goods_lines',
        'concerned.goods_lines', 'concerned.last_goods_no',
    ) }}
)

select * from int_findings__declarations
