select
    it.ent_code,
    it.product_group,
    it.valid_from,
    it.valid_to,
    it.class_code,
    it.product_risk,
    it.supervision_mode,
    it.assess_no,
    it.org_id
from {{ as_of('dim_enterprise_class') }} as it
