{{ config(indexes=[{'columns': ['list_id', 'code'], 'unique': true}]) }}

-- The short lists: those of the contracts' code lists and those that the contracts spell out themselves.
with fixed (list_id, code, name_zh, name_en) as (
    values
    ('ie_flag', 'I', '入境', 'Entry'),
    ('ie_flag', 'E', '出境', 'Exit'),
    ('transport_mode', '2', '水路运输', 'Water'),
    ('transport_mode', '3', '铁路运输', 'Rail'),
    ('transport_mode', '4', '公路运输', 'Road'),
    ('transport_mode', '5', '航空运输', 'Air'),
    ('transport_mode', '6', '邮件运输', 'Post'),
    ('transport_mode', '9', '其他运输', 'Other'),
    ('result', 'Q', '合格', 'Conforming'),
    ('result', 'N', '不合格', 'Non-conforming'),
    ('result', 'R', '返工整理后合格', 'Conforming after rework'),
    ('result', 'T', '检疫处理后合格', 'Conforming after treatment'),
    ('result', 'P', '待定', 'Pending'),
    ('terms', '1', '到岸价', 'CIF'),
    ('terms', '2', '成本加运费价', 'C&F'),
    ('terms', '3', '离岸价', 'FOB'),
    ('terms', '4', '成本加保险价', 'C&I'),
    ('status', 'ACC', '受理', 'Accepted'),
    ('status', 'INSP', '施检', 'Under inspection'),
    ('status', 'EVAL', '评定', 'Evaluated'),
    ('status', 'REL', '放行', 'Released'),
    ('status', 'ARCH', '归档', 'Archived'),
    ('status', 'VOID', '撤单', 'Void'),
    ('cert_status', '1', '有效', 'Valid'),
    ('cert_status', '2', '作废', 'Void'),
    ('cert_status', '3', '更改', 'Amended'),
    ('cert_status', '4', '核销', 'Written off by customs'),
    ('coo_status', '1', '有效', 'Valid'),
    ('coo_status', '2', '作废', 'Void'),
    ('coo_status', '3', '更改', 'Amends another'),
    ('coo_status', '4', '补发', 'Reissue of another'),
    ('origin_criterion', 'P', '完全原产', 'Wholly obtained'),
    ('origin_criterion', 'W', '含进口成分, 加工充分 (W)', 'Sufficiently processed (W)'),
    ('origin_criterion', 'F', '含进口成分, 加工充分 (F)', 'Sufficiently processed (F)'),
    ('origin_criterion', 'PSR', '产品特定原产地标准', 'Product specific rule'),
    ('origin_criterion', '40%', '区域价值成分 40%', 'Regional value content of 40 %'),
    ('direct_release_mode', 'NONE', '非直通放行', 'Not released directly'),
    ('direct_release_mode', 'DIRECT', '直通放行', 'Direct release'),
    ('direct_release_mode', 'VIRTUAL_PORT_AIR', '虚拟口岸(空运)', 'Virtual port, by air'),
    ('direct_release_mode', 'WATER_WATER', '水水中转', 'Transshipment by inland waterway'),
    ('case_kind', 'PENALTY', '行政处罚', 'Administrative penalty'),
    ('case_kind', 'COMPLAINT', '投诉', 'Complaint'),
    ('case_kind', 'REPORT', '举报', 'Report'),
    ('case_kind', 'CONSULTATION', '咨询', 'Consultation'),
    ('case_kind', 'RECONSIDERATION', '行政复议', 'Administrative reconsideration'),
    ('case_kind', 'LITIGATION', '行政诉讼', 'Lawsuit'),
    ('milestone', 'RECEIVED', '收到', 'Received'),
    ('milestone', 'ACCEPTED', '受理', 'Accepted'),
    ('milestone', 'REJECTED', '不予受理', 'Not accepted'),
    ('milestone', 'ASSIGNED', '交办', 'Assigned'),
    ('milestone', 'REPLIED', '答复', 'Replied'),
    ('milestone', 'REOPENED', '重新办理', 'Reopened'),
    ('milestone', 'FILED', '立案', 'Filed'),
    ('milestone', 'INVEST', '调查', 'Under investigation'),
    ('milestone', 'REVIEW', '审理', 'Under review'),
    ('milestone', 'NOTICE', '告知', 'Party notified'),
    ('milestone', 'HEARING', '听证', 'Heard'),
    ('milestone', 'DECIDED', '决定', 'Decided'),
    ('milestone', 'SERVED', '送达', 'Served'),
    ('milestone', 'EXECUTED', '执行', 'Executed'),
    ('milestone', 'CLOSED', '结案', 'Closed'),
    ('milestone', 'WITHDRAWN', '撤回', 'Withdrawn'),
    ('milestone', 'TRANSFERRED', '移送', 'Transferred'),
    ('milestone', 'REVOKED', '撤销决定', 'Decision revoked'),
    ('milestone', 'AMENDED', '变更决定', 'Decision amended'),
    ('procedure', 'SIMPLE', '简易程序', 'Simplified'),
    ('procedure', 'ORDINARY', '一般程序', 'Ordinary'),
    ('party_type', 'UNIT', '单位', 'Organisation'),
    ('party_type', 'PERSON', '个人', 'Person'),
    ('channel', '12365', '12365 热线', 'Hotline 12365'),
    ('channel', 'LETTER', '来信', 'Letter'),
    ('channel', 'VISIT', '来访', 'Visit'),
    ('channel', 'WEB', '网站', 'Web'),
    ('channel', 'TRANSFER', '转办', 'Forwarded'),
    ('target_type', 'ENTERPRISE', '企业', 'Enterprise'),
    ('target_type', 'STAFF', '工作人员', 'Staff'),
    ('outcome', 'UPHELD', '维持', 'Upheld'),
    ('outcome', 'CHANGED', '变更', 'Changed'),
    ('outcome', 'REVOKED', '撤销', 'Revoked'),
    ('outcome', 'DISMISSED', '驳回', 'Dismissed'),
    ('outcome', 'SETTLED', '和解', 'Settled'),
    ('product_risk', 'H', '高风险', 'High risk'),
    ('product_risk', 'M', '较高风险', 'Medium risk'),
    ('product_risk', 'L', '一般风险', 'Low risk'),
    ('assessment_status', 'DRAFT', '草稿', 'Draft'),
    ('assessment_status', 'APPROVED', '已批准', 'Approved'),
    ('assessment_status', 'REJECTED', '未批准', 'Rejected'),
    ('assessment_status', 'REVOKED', '已撤销', 'Revoked'),
    ('honor_level', 'NATIONAL', '国家级', 'National'),
    ('honor_level', 'PROVINCIAL', '省级', 'Provincial'),
    ('notice_direction', 'NATIONAL_WARNING', '国内警示', 'National warning'),
    ('notice_direction', 'FOREIGN_NOTIFICATION', '国外通报', 'Notification from abroad')
),

listed as (
    select
        list_id,
        code,
        name_zh,
        name_en
    from {{ source('ref', 'code') }}
    where
        list_id in (
            'cert_type', 'coo_type', 'insp_mode', 'nc_category', 'disposal', 'penalty_cause', 'campaign',
            'product_group', 'summary_topic', 'pest_taxon', 'quarantine_treatment', 'vector', 'disease', 'lab_programme',
            'act_code', 'recognition_type', 'doc_code', 'media_outlet', 'hr_action',
            'assess_type', 'ent_class', 'ent_supervision', 'ent_honor', 'export_group'
        )
    union all
    select * from fixed
),

dim_code as (
    select * from listed
    union all
    select distinct list_id, 'UNKNOWN', '未知', 'Unknown' from listed
)

select * from dim_code
