with int_legal_returns__ranked as (
    {{ ranked_rows('stg_n12_legal_return__returns', 'int_affected__legal_returns', ['org_code', 'period_end']) }}
)

select * from int_legal_returns__ranked
