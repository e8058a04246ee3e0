-- Days of a branch whose completeness may change: those of its slices, and those under which a rebuilt declaration
-- shows, or ceases to.
with shown as (
    {% for mart in ['fct_inspection_lot', 'fct_goods_line', 'fct_evaluation'] -%}
    select
        shown.business_date,
        shown.sender_org,
        shown.stat_date,
        shown.org_id
    from {{ ref('int_affected__declarations') }} as affected
    inner join {{ ref(mart) }} as shown on affected.decl_no = shown.decl_no
    where shown.known_to_no is null or shown.known_to_no = {{ next_no() }}
    {{ 'union' if not loop.last }}
    {% endfor %}
),

int_affected__day_statuses as (
    select
        business_date,
        org_code
    from {{ ref('int_affected__slices') }}
    union
    select
        business_date,
        sender_org
    from shown
    union
    select
        stat_date,
        org_id
    from shown
    where stat_date is not null
)

select * from int_affected__day_statuses
