-- Rules of scope build on serials: a number follows another that is not the one before it.
with numbers as (
    {% for rule, entity, mart, column, condition, prefix, queued in numberings() -%}
    (select distinct on (affected.key)
        affected.rule_id,
        affected.entity,
        affected.key,
        known.before,
        {{ prefix }} as prefix,
        facts.version_no,
        facts.sender_org,
        versions.business_date as row_business_date,
        facts.slice_version_id,
        facts.delivery_id,
        facts.line_no
    from {{ ref('int_affected__serials') }} as affected
    inner join {{ next_state(mart) }} as facts on affected.key = facts.{{ column }}
    inner join {{ source('audit', 'slice_version') }} as versions
        on facts.slice_version_id = versions.slice_version_id
    cross join lateral (
        {{ neighbour(mart, column, 'affected.key', prefix, 'before') }}
    ) as known
    where affected.rule_id = '{{ rule }}'
    order by affected.key, versions.business_date, facts.sender_org, facts.line_no)
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

gaps as (
    select
        *,
        substr(key, prefix + 1)::bigint - substr(before, prefix + 1)::bigint - 1 as missing
    from numbers
    -- A number of another form has no place in the order.
    where substr(key, prefix + 1) ~ '^[0-9]{1,18}$' and substr(before, prefix + 1) ~ '^[0-9]{1,18}$'
),

int_findings__serials as (
    {% for rule, entity, mart, column, condition, prefix, queued in numberings() -%}
    {{ finding_on(
        entity, 'key', rule, 'gaps as concerned', "concerned.rule_id = '" ~ rule ~ "' and concerned.missing > 0",
        "'the number after ' || concerned.before", "'numbers between that are not there: ' || concerned.missing",
    ) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from int_findings__serials
