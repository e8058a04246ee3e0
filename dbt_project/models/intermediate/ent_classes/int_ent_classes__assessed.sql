-- What class stood on the day before an assessment took effect, or before the application where it is not approved: of
-- the group of products, and the enterprise's own, its best class: by that one an entry into class I shows.
with assessments as (
    select
        *,
        coalesce(effective_from, apply_date) - 1 as day_before
    from {{ ref('int_ent_classes__current') }}
),

before as (
    select
        assessments.ent_code,
        assessments.assess_no,
        min(periods.class_code) as own_class_code,
        min(periods.class_code) filter (where assessments.product_group = periods.product_group) as group_class_code
    from assessments
    inner join {{ ref('int_ent_classes__periods') }} as periods
        on assessments.ent_code = periods.ent_code
        and assessments.day_before >= periods.valid_from
        and assessments.day_before < periods.valid_to
    group by assessments.ent_code, assessments.assess_no
),

int_ent_classes__assessed as (
    select
        assessments.*,
        before.own_class_code,
        before.group_class_code
    from assessments
    left join before
        on assessments.ent_code = before.ent_code
        and assessments.assess_no = before.assess_no
)

select * from int_ent_classes__assessed
