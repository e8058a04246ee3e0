select
    recognitions.recognition_no,
    recognitions.org_id,
    recognitions.org_code,
    recognitions.recognition_type,
    recognitions.recognition_date,
    recognitions.recipient,
    recognitions.leader_level,
    recognitions.rank_no,
    recognitions.issuer,
    recognitions.sender_org,
    recognitions.business_date,
    recognitions.version_no,
    recognitions.is_void,
    recognitions.recognitions,
    recognitions.slice_version_id,
    recognitions.delivery_id,
    recognitions.line_no,
    recognitions.void_slice_version_id,
    recognitions.void_delivery_id,
    recognitions.void_line_no,
    {{ completeness() }} as completeness
from {{ as_of('fct_recognition') }} as recognitions
{{ join_day_status("recognitions.business_date", "recognitions.sender_org") }}
