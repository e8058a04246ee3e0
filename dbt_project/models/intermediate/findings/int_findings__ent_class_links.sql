-- The same organisation under two registration numbers, as after a change of its name: it would count twice.
with assessments as (
    select
        facts.ent_code,
        facts.assess_no,
        facts.org_inst_code,
        facts.version_no,
        facts.sender_org,
        facts.business_date as row_business_date,
        facts.slice_version_id,
        facts.delivery_id,
        facts.line_no
    from {{ ref('int_affected__links') }} as affected
    inner join {{ next_state('fct_ent_class') }} as facts on affected.key = facts.ent_code
    where affected.entity = 'ent_class' and not facts.is_void
),

repeated as (
    select
        assessments.ent_code,
        assessments.assess_no,
        min(known.ent_code) as other_code
    from assessments
    inner join {{ next_state('fct_ent_class') }} as known
        on assessments.org_inst_code = known.org_inst_code
        and assessments.ent_code <> known.ent_code
    where not known.is_void
    group by assessments.ent_code, assessments.assess_no
),

int_findings__ent_class_links as (
    {{ finding_on(
        'ent_class', 'ent_code', 'F09-enterprise-repeated',
        'assessments as concerned inner join repeated'
        ~ ' on concerned.ent_code = repeated.ent_code and concerned.assess_no = repeated.assess_no',
        'true', "'one registration number of ' || concerned.org_inst_code",
        "concerned.assess_no || ', also under ' || repeated.other_code",
    ) }}
)

select * from int_findings__ent_class_links
