with int_activities__ranked as (
    {{ ranked_rows('stg_f16_activity_return__activities', 'int_affected__activities', ['activity_no']) }}
)

select * from int_activities__ranked
