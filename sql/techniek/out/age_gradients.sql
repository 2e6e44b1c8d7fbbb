-- One row per rule of employers, from_year, reading and sector with at least
-- least_base_count persons in each age group from 15-24 to 45-54: whether
-- mobility falls from each to the next, strictly.
with age_rates as (
    select
        employer_rule,
        from_year,
        reading,
        sector_code,
        sum(case age_group when '15-24' then leaver_count else 0 end) as left_15,
        sum(case age_group when '15-24' then base_count else 0 end) as base_15,
        sum(case age_group when '25-34' then leaver_count else 0 end) as left_25,
        sum(case age_group when '25-34' then base_count else 0 end) as base_25,
        sum(case age_group when '35-44' then leaver_count else 0 end) as left_35,
        sum(case age_group when '35-44' then base_count else 0 end) as base_35,
        sum(case age_group when '45-54' then leaver_count else 0 end) as left_45,
        sum(case age_group when '45-54' then base_count else 0 end) as base_45
    from out.mobility_by_age
    where sector_code != 'unknown'
    group by employer_rule, from_year, reading, sector_code
),

age_gradients as (
    select
        employer_rule,
        from_year,
        reading,
        sector_code,
        base_15 + base_25 + base_35 + base_45 as base_count,
        case
            when
                left_15 * base_25 > left_25 * base_15
                and left_25 * base_35 > left_35 * base_25
                and left_35 * base_45 > left_45 * base_35
                then 1
            else 0
        end as falling_count
    from age_rates
    where least(base_15, base_25, base_35, base_45) >= $least_base_count
)

select * from age_gradients
order by employer_rule, from_year, reading, sector_code
