-- Files that make up no delivery, and how each was settled; settled_how null: nobody has accounted for it yet.
--   paired    its content is in a pair now (settled_by)
--   replaced  another pair came under its name afterwards (settled_by)
--   dismissed a named person said that it counts for nothing (decided_by)
create index on audit.delivery (data_sha256);
create index on audit.delivery (manifest_sha256);

create view audit.unpaired_file as
select
    d.delivery_id, d.pairing, d.feed_code, d.org_code, d.business_date, d.seq,
    coalesce(d.data_name, d.manifest_name) as file_name,
    coalesce(d.data_sha256, d.manifest_sha256) as sha256,
    coalesce(d.manifest -> '_problems', '[]') as problems,
    d.endpoint, d.registered_at,
    case
        when p.delivery_id is not null then 'paired'
        when r.delivery_id is not null then 'replaced'
        when x.decided_by is not null then 'dismissed'
    end as settled_how,
    coalesce(p.delivery_id, r.delivery_id) as settled_by,
    case when coalesce(p.delivery_id, r.delivery_id) is null then x.decided_by end as decided_by,
    -- Whether a whole delivery stands under its name, which must not be mistaken for this file.
    exists (
        select from audit.delivery s
        where s.pairing = 'paired' and s.seq = d.seq
            and (s.feed_code, s.org_code, s.business_date) = (d.feed_code, d.org_code, d.business_date)
    ) as is_beside_a_pair
from audit.delivery d
left join lateral (
    select min(delivery_id) as delivery_id
    from (
        select s.delivery_id
        from audit.delivery s
        where s.pairing = 'paired' and s.seq = d.seq
            and (s.feed_code, s.org_code, s.business_date) = (d.feed_code, d.org_code, d.business_date)
            and (s.data_sha256 = d.data_sha256 or s.manifest_sha256 = d.manifest_sha256)
        union all
        -- A file that was renamed. All nil files of a feed are alike, so that one tells nothing of another.
        select s.delivery_id
        from audit.delivery s
        where d.pairing = 'unreadable_name' and s.pairing = 'paired' and s.org_code = d.org_code
            and s.delivery_id > d.delivery_id
            and ((s.data_sha256 = d.data_sha256 and s.rows_declared > 0) or s.manifest_sha256 = d.data_sha256)
    ) found
) p on true
left join lateral (
    select min(s.delivery_id) as delivery_id
    from audit.delivery s
    where s.pairing = 'paired' and s.seq = d.seq and s.delivery_id > d.delivery_id
        and (s.feed_code, s.org_code, s.business_date) = (d.feed_code, d.org_code, d.business_date)
) r on true
left join lateral (
    select max(decided_by) as decided_by
    from audit.decision
    where delivery_id = d.delivery_id and kind = 'reject_hold'
) x on true
where d.pairing <> 'paired';
