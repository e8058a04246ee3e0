with findings as (
    {%- for mart in ['fct_finding', 'fct_hs_finding'] %}
    select
        rule_id,
        feed_code,
        severity,
        decl_no,
        'declaration' as entity,
        decl_no as key,
        item_no,
        version_no,
        sender_org,
        business_date,
        expected,
        found,
        findings,
        slice_version_id,
        delivery_id,
        line_no
    from {{ as_of(mart) }} as of_declarations
    union all
    {%- endfor %}
    {%- for mart in ['fct_record_finding', 'fct_link_finding', 'fct_serial_finding'] %}
    select
        rule_id,
        feed_code,
        severity,
        case when entity = 'declaration' then key end as decl_no,
        entity,
        key,
        item_no,
        version_no,
        sender_org,
        business_date,
        expected,
        found,
        findings,
        slice_version_id,
        delivery_id,
        line_no
    from {{ as_of(mart) }} as it
    union all
    {%- endfor %}
    select
        rule_id,
        feed_code,
        severity,
        null as decl_no,
        'slice' as entity,
        null as key,
        null as item_no,
        null as version_no,
        sender_org,
        business_date,
        expected,
        found,
        findings,
        slice_version_id,
        delivery_id,
        null as line_no
    from {{ as_of('fct_slice_finding') }} as of_slices
)

select
    findings.rule_id,
    findings.feed_code,
    findings.severity,
    rules.message_zh,
    rules.message_en,
    findings.decl_no,
    findings.item_no,
    findings.version_no,
    findings.sender_org,
    findings.business_date,
    findings.expected,
    findings.found,
    findings.findings,
    findings.slice_version_id,
    findings.delivery_id,
    findings.line_no,
    findings.entity,
    findings.key
from findings
left join {{ source('ref', 'rule') }} as rules on findings.rule_id = rules.rule_id
