-- A class holds from its first day until the next approved assessment of the group takes effect, or its own last day
-- has passed. What was revoked as an assessment never held; an assessment that revokes a class ends it. Arrival says
-- nothing: of two that take effect on one day, the one approved last counts.
with approved as (
    select
        *,
        row_number() over (
            partition by ent_code, product_group, effective_from
            order by approve_date desc, assess_no collate "C" desc
        ) as place
    from {{ ref('int_ent_classes__current') }}
    where status = 'APPROVED' and not is_void and effective_from is not null
),

dated as (
    select
        *,
        lead(effective_from) over (partition by ent_code, product_group order by effective_from) as next_from
    from approved
    where place = 1
),

int_ent_classes__periods as (
    select
        ent_code,
        product_group,
        effective_from as valid_from,
        least(next_from, effective_to + 1, date '9999-12-31') as valid_to,
        class_code,
        product_risk,
        supervision_mode,
        assess_no,
        org_id,
        sender_org,
        slice_version_id,
        delivery_id,
        line_no
    from dated
    where assess_type <> 'REVOKE' and class_code is not null
)

select * from int_ent_classes__periods
