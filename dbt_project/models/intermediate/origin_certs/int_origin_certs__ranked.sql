with int_origin_certs__ranked as (
    {{ ranked_rows(
        'stg_f05_origin_cert__certificates', 'int_affected__origin_certs', ['coo_no'], table='ods.f05_origin_cert'
    ) }}
)

select * from int_origin_certs__ranked
