-- warn: no more than 5 % of a source's records of a year lack an R key.
-- Others are left out in staging; their counts stand in the table read here.
with key_counts as (
    select
        year,
        source_name,
        sum(record_count) as record_count,
        sum(
            case when person_key_code = 'R' then 0 else record_count end
        ) as other_count
    from staging.person_key_counts
    group by year, source_name
)

select
    year,
    source_name,
    record_count,
    other_count
from key_counts
where other_count * 20 > record_count
