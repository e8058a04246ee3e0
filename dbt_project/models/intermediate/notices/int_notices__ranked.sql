with int_notices__ranked as (
    {{ ranked_rows('stg_f18_warning_notice__notices', 'int_affected__notices', ['notice_no']) }}
)

select * from int_notices__ranked
