-- The decisions on a delivery as one hash: with the rules' hash it keys a verdict (decisions 10).

create view audit.delivery_decisions as
select
    delivery_id,
    encode(sha256(convert_to(string_agg(
        concat_ws('|', kind, rule_id, line_no, decided_by, reason), E'\n' order by decision_id
    ), 'UTF8')), 'hex') as decisions_hash
from audit.decision
group by delivery_id;

-- The verdict in force on each delivery.
create view audit.delivery_verdict as
select distinct on (delivery_id) *
from audit.verdict
order by delivery_id, verdict_id desc;
