select
    it.org_key,
    it.org_code,
    it.name_zh,
    it.name_en,
    it.level,
    it.seat_zh,
    it.parent_code,
    it.branch_code,
    it.branch_name_zh,
    it.branch_name_en,
    it.hq_code,
    it.is_due,
    it.valid_from,
    it.valid_to
from {{ ref('dim_org') }} as it
