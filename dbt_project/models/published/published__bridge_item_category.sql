-- A goods line has a set of categories, such as R.P/Q: those of entry, then those of exit.
select distinct
    lines.decl_no,
    lines.goods_no,
    categories.category,
    lines.ie_flag,
    lines.stat_date,
    lines.org_id,
    lines.is_counted
from {{ as_of('fct_goods_line') }} as lines
cross join lateral unnest(string_to_array(translate(lines.ciq_category, './', ''), null)) as categories (category)
