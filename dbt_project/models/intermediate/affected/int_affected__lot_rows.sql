{{ config(indexes=[{'columns': ['decl_no'], 'unique': true}]) }}

-- What unused rows of lots are found by: their declaration; of a certificate's D, which names none, its own number.
with int_affected__lot_rows as (
    select decl_no from {{ ref('int_affected__declarations') }}
    union
    select cert_no from {{ ref('int_affected__certificates') }}
)

select * from int_affected__lot_rows
