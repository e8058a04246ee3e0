select
    reports.media_no,
    reports.org_id,
    reports.org_code,
    reports.report_date,
    reports.outlet,
    reports.topic,
    reports.campaign,
    reports.title,
    reports.sender_org,
    reports.business_date,
    reports.version_no,
    reports.is_void,
    reports.media_reports,
    reports.slice_version_id,
    reports.delivery_id,
    reports.line_no,
    reports.void_slice_version_id,
    reports.void_delivery_id,
    reports.void_line_no,
    {{ completeness() }} as completeness
from {{ as_of('fct_media_report') }} as reports
{{ join_day_status("reports.business_date", "reports.sender_org") }}
