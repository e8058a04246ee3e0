{#-
    What the feeds of certificates, events, returns and notices share: record order, and the fold of a case.
-#}

{#-
    Delivered rows in force of the affected entities, in record order (decisions 4), as int_declarations__ranked has
    them. `key`: the columns that name one record, of which the first is the one that a build rebuilds by; `more`: other
    columns of the rows; `table`: that of a feed with so many rows that those of few keys are looked up.
-#}
{% macro ranked_rows(staging, affected, key, more=[], table=none) %}
    select
        {% for column in key + more -%}
        delivered.{{ column }},
        {% endfor -%}
        delivered.version_no,
        delivered.business_date,
        delivered.slice_version_id,
        delivered.record_no,
        delivered.delivery_id,
        delivered.sender_org,
        delivered.line_no,
        delivered.op = 'D' as is_delete,
        row_number() over record_order as rank_no,
        sum((delivered.op <> 'D')::int) over record_order as content_no,
        bool_or(delivered.op <> 'D') over (partition by {{ prefixed('delivered', key) }}) as has_content,
        coalesce(
            delivered.version_no in (
                lag(delivered.version_no) over record_order, lead(delivered.version_no) over record_order
            ),
            false
        ) as is_repeated_version,
        delivered.version_no - coalesce(lead(delivered.version_no) over record_order, 0) as version_step
    {% if table is none -%}
    from {{ ref(affected) }} as affected
    inner join {{ ref(staging) }} as delivered on affected.{{ key[0] }} = delivered.{{ key[0] }}
    {%- else -%}
    from {{ rows_of_affected(staging, table, affected, key[0]) }} as delivered
    {%- endif %}
    inner join {{ ref('int_slices__standing') }} as slices on delivered.slice_version_id = slices.slice_version_id
    window
        record_order as (
            partition by {{ prefixed('delivered', key) }}
            order by delivered.version_no desc, delivered.business_date desc, slices.place_no desc, delivered.line_no desc
            rows between unbounded preceding and current row
        )
{% endmacro %}


{#- The last I or U of each record with its columns; deleted when its last row of all is a D. -#}
{% macro current_rows(staging, ranked, key, columns) %}
    select
        {% for column in key + columns -%}
        delivered.{{ column }},
        {% endfor -%}
        delivered.version_no,
        deletes.delivery_id is not null as is_deleted,
        delivered.sender_org,
        delivered.business_date as row_business_date,
        delivered.slice_version_id,
        delivered.delivery_id,
        delivered.line_no,
        deletes.slice_version_id as void_slice_version_id,
        deletes.delivery_id as void_delivery_id,
        deletes.line_no as void_line_no
    from {{ ref(ranked) }} as ranked
    inner join {{ ref(staging) }} as delivered
        on ranked.business_date = delivered.business_date
        and ranked.slice_version_id = delivered.slice_version_id
        and ranked.record_no = delivered.record_no
    left join {{ ref(ranked) }} as deletes
        on {% for column in key -%}
            ranked.{{ column }} = deletes.{{ column }}
        and {% endfor -%}
        deletes.rank_no = 1
        and deletes.is_delete
    where ranked.content_no = 1 and not ranked.is_delete
{% endmacro %}


{% macro prefixed(alias, columns) -%}
    {% for column in columns %}{{ alias }}.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
{%- endmacro %}


{#-
    The events that a case is folded from: those not taken back; of a case that was taken back whole, all of them, so
    that it keeps the columns of its last contents.
-#}
{% macro events_to_fold(events) %}
    select told.*
    from (
        select
            *,
            bool_and(is_deleted) over (partition by case_no) as is_void
        from {{ events }}
    ) as told
    where told.is_void or not told.is_deleted
{% endmacro %}


{#- Feeds of disputes: their entity is the dispute case. -#}
{% macro dispute_feeds() -%} ('F11', 'F12') {%- endmacro %}


{#- A column as the highest event says that says it; the aggregate runs over the events of one case. -#}
{% macro last_said(column) -%}
    (array_agg({{ column }} order by event_seq desc) filter (where {{ column }} is not null))[1]
{%- endmacro %}

{#- Where the highest event of a case was delivered. -#}
{% macro lineage_of_last_event() -%}
    {% for column, name in [
        ('sender_org', 'sender_org'), ('row_business_date', 'business_date'), ('slice_version_id', 'slice_version_id'),
        ('delivery_id', 'delivery_id'), ('line_no', 'line_no'),
    ] -%}
    {{ last_said(column) }} as {{ name }}{{ ',' if not loop.last }}
    {% endfor %}
{%- endmacro %}

{% macro first_said(column) -%} (array_agg({{ column }} order by event_seq))[1] {%- endmacro %}

{#- The day of the first event of a type by event_seq. -#}
{% macro first_day_of(event_type) -%}
    (array_agg(event_on order by event_seq) filter (where event_type = '{{ event_type }}'))[1]
{%- endmacro %}

{#- The highest event of some types by event_seq; 0 when there is none. -#}
{% macro last_seq_of(condition) -%} coalesce(max(event_seq) filter (where {{ condition }}), 0) {%- endmacro %}


{#-
    Whether a case that has begun is open, over the events of one case: what ended it last was followed by something
    that opens it again. Payments and service (EXECUTED, SERVED) leave a closed penalty case closed; of disputes only
    REOPENED opens again.
-#}
{% macro is_open_again(is_penalty) -%}
    case
        when {{ is_penalty }}
            then
                {{ last_seq_of("event_type in ('CLOSED', 'WITHDRAWN', 'TRANSFERRED')") }}
                < {{ last_seq_of("event_type not in ('CLOSED', 'WITHDRAWN', 'TRANSFERRED', 'EXECUTED', 'SERVED')") }}
                or {{ last_seq_of("event_type in ('CLOSED', 'WITHDRAWN', 'TRANSFERRED')") }} = 0
        else
            {{ last_seq_of("event_type in ('CLOSED', 'REJECTED', 'WITHDRAWN')") }}
            <= {{ last_seq_of("event_type = 'REOPENED'") }}
    end
{%- endmacro %}


{#- The branch above an organisation on a day, as a lateral subquery: dim_org's periods, half open. -#}
{% macro branch_above(org_code, day) -%}
    coalesce(
        (
            select orgs.branch_code
            from {{ source('ref', 'org') }} as orgs
            where
                orgs.org_code = {{ org_code }}
                and {{ day }} >= orgs.valid_from
                and ({{ day }} < orgs.valid_to or orgs.valid_to is null)
        ),
        'UNKNOWN'
    )
{%- endmacro %}
