select
    it.ent_code,
    it.name_zh,
    it.registered_at
from {{ as_of('dim_enterprise') }} as it
