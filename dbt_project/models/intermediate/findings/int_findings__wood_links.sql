-- What a wood package says against the declaration of its lot, and the mark that it bears.
with packages as (
    select
        facts.decl_no,
        facts.pack_seq,
        facts.ippc_mark_flag,
        concat_ws(
            ', ',
            case when facts.ippc_country is null then 'ippc_country' end,
            case when facts.producer_mark_no is null then 'producer_mark_no' end,
            case when facts.treatment is null then 'treatment' end
        ) as untold,
        facts.version_no,
        facts.sender_org,
        facts.business_date as row_business_date,
        facts.slice_version_id,
        facts.delivery_id,
        facts.line_no
    from {{ ref('int_affected__links') }} as affected
    inner join {{ next_state('fct_wood_packaging') }} as facts on affected.key = facts.decl_no
    where affected.entity = 'wood_packaging' and not facts.is_void
),

known_lots as not materialized (
    select * from {{ next_state('fct_inspection_lot') }} as it
),

int_findings__wood_links as (
    {{ finding_on(
        'wood_packaging', 'decl_no', 'F08-decl_no-unknown',
        'packages as concerned left join known_lots on concerned.decl_no = known_lots.decl_no',
        'known_lots.decl_no is null', "'declaration ' || concerned.decl_no", "'none'", 'concerned.pack_seq',
    ) }}
    union all
    {{ finding_on(
        'wood_packaging', 'decl_no', 'F08-wood_pack_flag-differs',
        'packages as concerned inner join known_lots on concerned.decl_no = known_lots.decl_no',
        "not known_lots.is_void and known_lots.wood_pack_flag = '0'", "'a declaration with wood_pack_flag 1'",
        "'wood_pack_flag 0'", 'concerned.pack_seq',
    ) }}
    union all
    {{ finding_on(
        'wood_packaging', 'decl_no', 'F08-mark-incomplete', 'packages as concerned',
        "concerned.ippc_mark_flag = '1' and concerned.untold <> ''",
        "'ippc_country, producer_mark_no and treatment'", "'without ' || concerned.untold", 'concerned.pack_seq',
    ) }}
)

select * from int_findings__wood_links
