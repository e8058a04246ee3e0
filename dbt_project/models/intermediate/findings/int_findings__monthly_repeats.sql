-- Recognitions, demonstration zones and documents that stand under another number, too: figures count both.
with int_findings__monthly_repeats as (
    {% for one in told_twice() -%}
    {%- set known %}
        lateral (
            select min(known.{{ one.key }}) as other_no
            from {{ next_state(one.mart) }} as known
            where
                {{ is_told_twice(one, 'facts', 'known') }}
                and facts.{{ one.key }} <> known.{{ one.key }}
                and not known.is_void
        )
    {%- endset -%}
    {%- set concerned -%}
        (
            select
                facts.{{ one.key }},
                facts.version_no,
                facts.sender_org,
                facts.business_date as row_business_date,
                facts.slice_version_id,
                facts.delivery_id,
                facts.line_no,
                others.other_no
            from {{ ref('int_affected__links') }} as affected
            inner join {{ next_state(one.mart) }} as facts on affected.key = facts.{{ one.key }}
            cross join {{ known }} as others
            where affected.entity = '{{ one.entity }}' and not facts.is_void
            {%- if 'entity' in one.same %} and facts.entity = '{{ one.entity }}' {%- endif %}
        ) as concerned
    {%- endset -%}
    {{ finding_on(
        one.entity, one.key, one.rule, concerned, 'concerned.other_no is not null',
        "'one number'", "'also under ' || concerned.other_no",
    ) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from int_findings__monthly_repeats
