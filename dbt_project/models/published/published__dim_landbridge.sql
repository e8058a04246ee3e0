select
    it.member_kind,
    it.member_code,
    it.name_zh,
    it.name_en,
    it.basis
from {{ as_of('dim_landbridge') }} as it
