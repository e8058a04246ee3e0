-- Rules of scope build on certificates of origin, and between those that replace each other.
with counted as (
    select
        certs.*,
        givers.code is null as is_no_gsp_giver,
        -- In CNY: value x difference of the rates, at the rate of the day of issue.
        round(
            certs.fob_usd * (certs.mfn_rate - certs.pref_rate)
            / nullif({{ usd_rate('null::numeric', "'CNY'", 'certs.issue_date') }}, 0),
            2
        ) as computed_saving_cny
    from {{ ref('int_origin_certs__counted') }} as certs
    left join {{ source('ref', 'code') }} as givers
        on givers.list_id = 'gsp_giver' and certs.dest_country = givers.code
),

-- What was taken back or is void is held against nobody.
standing as (
    select
        counted.*,
        count(*) over (partition by counted.replaces_coo_no) as replacing
    from counted
    where not counted.is_void
),

int_findings__origin_certs as (
    {{ finding_on(
        'origin_cert', 'coo_no', 'F05-rate-order', 'standing as concerned', 'concerned.pref_rate > concerned.mfn_rate',
        "'at most ' || concerned.mfn_rate", 'concerned.pref_rate',
    ) }}
    union all
    {{ finding_on(
        'origin_cert', 'coo_no', 'F05-saving-unfounded', 'standing as concerned',
        'concerned.est_duty_saving_cny is not null and (concerned.mfn_rate is null or concerned.pref_rate is null)',
        "'both rates'", "'a saving of ' || concerned.est_duty_saving_cny",
    ) }}
    union all
    {{ finding_on(
        'origin_cert', 'coo_no', 'F05-saving-differs', 'standing as concerned',
        'abs(concerned.est_duty_saving_cny - concerned.computed_saving_cny)'
        ~ ' > greatest(100, concerned.computed_saving_cny * 0.1)',
        "'about ' || concerned.computed_saving_cny", 'concerned.est_duty_saving_cny',
    ) }}
    union all
    {{ finding_on(
        'origin_cert', 'coo_no', 'F05-saving-graduated', 'standing as concerned',
        "concerned.coo_type = 'FORM_A' and concerned.is_no_gsp_giver and concerned.est_duty_saving_cny > 0",
        "'no saving in ' || concerned.dest_country", 'concerned.est_duty_saving_cny',
    ) }}
    union all
    {{ finding_on(
        'origin_cert', 'coo_no', 'F05-replaced-unknown',
        'standing as concerned left join counted as replaced on concerned.replaces_coo_no = replaced.coo_no',
        'concerned.replaces_coo_no is not null and replaced.coo_no is null',
        "'certificate ' || concerned.replaces_coo_no", "'none'",
    ) }}
    union all
    {{ finding_on(
        'origin_cert', 'coo_no', 'F05-replaced-twice', 'standing as concerned',
        'concerned.replaces_coo_no is not null and concerned.replacing > 1',
        "'one certificate in place of ' || concerned.replaces_coo_no", "concerned.replacing || ' of them'",
    ) }}
)

select * from int_findings__origin_certs
