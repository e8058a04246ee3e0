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
    ('status', 'VOID', '撤单', 'Void')
),

listed as (
    select
        list_id,
        code,
        name_zh,
        name_en
    from {{ source('ref', 'code') }}
    where list_id in ('insp_mode', 'nc_category', 'disposal')
    union all
    select * from fixed
),

dim_code as (
    select * from listed
    union all
    select distinct list_id, 'UNKNOWN', '未知', 'Unknown' from listed
)

select * from dim_code
