-- One row per combination of same employer, industry and occupation, over the
-- pairs of all years in which all three are known.
with year_pairs as (
    select
        same_employer,
        same_industry,
        same_occupation
    from core.year_pairs
),

joint_stays as (
    select
        same_employer,
        same_industry,
        same_occupation,
        count(*) as person_count
    from year_pairs
    where
        same_employer is not null
        and same_industry is not null
        and same_occupation is not null
    group by
        same_employer,
        same_industry,
        same_occupation
)

select * from joint_stays
order by same_employer, same_industry, same_occupation
