-- Rules of scope build on an assessment by the history of its enterprise's classes.
with assessments as (
    select
        *,
        business_date as row_business_date,
        status = 'APPROVED' as is_approved,
        case assess_type
            when 'FIRST' then group_class_code is null
            when 'REVIEW' then group_class_code = class_code
            when 'UPGRADE' then class_code < group_class_code
            when 'DOWNGRADE' then class_code > group_class_code
            when 'REVOKE' then group_class_code is not null
        end as is_legal
    from {{ ref('int_ent_classes__assessed') }}
    where not is_void
),

int_findings__ent_classes as (
    {{ finding_on(
        'ent_class', 'ent_code', 'F09-transition-illegal', 'assessments as concerned',
        'concerned.is_approved and concerned.is_legal is not true',
        "'a step that fits ' || concerned.assess_type",
        "concat_ws(' ', concerned.assess_no, 'from', coalesce(concerned.group_class_code, 'none'), 'to',"
        ~ " coalesce(concerned.class_code, 'none'))",
    ) }}
    union all
    {{ finding_on(
        'ent_class', 'ent_code', 'F09-prev_class_code-differs', 'assessments as concerned',
        'concerned.is_approved and concerned.prev_class_code is distinct from concerned.group_class_code',
        "coalesce(concerned.group_class_code, 'none') || ' before ' || concerned.assess_no",
        "coalesce(concerned.prev_class_code, 'none')",
    ) }}
    union all
    {{ finding_on(
        'ent_class', 'ent_code', 'F09-approval-pending', 'assessments as concerned',
        "concerned.status = 'DRAFT'", "'an approval of ' || concerned.assess_no", "'none'",
    ) }}
)

select * from int_findings__ent_classes
