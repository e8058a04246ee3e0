with int_certificates__ranked as (
    {{ ranked_rows(
        'stg_f04_release_cert__certificates', 'int_affected__certificates', ['cert_no'],
        more=['decl_no', 'cert_type'], table='ods.f04_release_cert',
    ) }}
)

select * from int_certificates__ranked
