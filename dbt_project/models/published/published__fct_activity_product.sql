select
    products.activity_no,
    products.org_id,
    products.org_code,
    products.act_code,
    products.act_date,
    products.seq,
    products.product_class,
    products.product_name,
    products.sender_org,
    products.business_date,
    products.version_no,
    products.is_void,
    not products.is_void and coalesce(activities.is_counted, true) as is_counted,
    (not products.is_void and coalesce(activities.is_counted, true))::int as products,
    products.slice_version_id,
    products.delivery_id,
    products.line_no,
    products.void_slice_version_id,
    products.void_delivery_id,
    products.void_line_no,
    {{ completeness() }} as completeness
from {{ as_of('fct_activity_product') }} as products
left join {{ as_of('fct_activity') }} as activities on products.activity_no = activities.activity_no
{{ join_day_status("products.business_date", "products.sender_org") }}
