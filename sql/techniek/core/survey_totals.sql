-- One row per kind of total and cell: people of the year by the survey, with their 95
-- percent interval, the only place that makes one for totals. Households are the
-- clusters, and all that were asked count, those without anybody in the cell as
-- nought: with H of them, the weights t of each in the cell and their mean, the
-- variance is v = H / (H - 1) * sum((t - mean)²). The interval is that of the
-- logarithm: total * exp(± 1.96 * sqrt(v) / total). Of one household it is null.
with members as (
    select
        'cell' as total_kind,
        education_level || ' ' || age_group || ' ' || position_code || ' '
        || criterion as cell,
        household_id,
        weight
    from core.redirectable
    union all
    select
        'people' as total_kind,
        'redirectable' as cell,
        household_id,
        weight
    from core.redirectable
    where is_redirectable
    union all
    select
        'people' as total_kind,
        'redirectable_in_work' as cell,
        household_id,
        weight
    from core.redirectable
    where is_redirectable and is_in_work
),

asked as (
    select count(distinct household_id) as household_count
    from core.respondents
),

household_sums as (
    select
        total_kind,
        cell,
        household_id,
        count(*) as person_count,
        sum(weight) as weight
    from members
    group by total_kind, cell, household_id
),

sums as (
    select
        household_sums.total_kind,
        household_sums.cell,
        asked.household_count,
        sum(household_sums.person_count) as person_count,
        sum(household_sums.weight) as total_weight,
        sum(household_sums.weight * household_sums.weight) as squared_weight
    from household_sums
    cross join asked
    group by
        household_sums.total_kind, household_sums.cell, asked.household_count
),

-- Doubles from here on: each is made from one row of exact sums.
finished as (
    select
        *,
        cast(total_weight as double) as total,
        cast(squared_weight as double) as squares,
        cast(household_count as double) as households
    from sums
),

with_widths as (
    select
        *,
        case
            when household_count > 1
                then 1.96 * sqrt(
                    households / (households - 1)
                    * greatest(squares - total * total / households, 0)
                ) / total
        end as log_width
    from finished
),

survey_totals as (
    select
        cast($year as integer) as year,
        total_kind,
        cell,
        person_count,
        household_count,
        cast(total_weight as decimal(24, 6)) as person_weight,
        cast(total * exp(-log_width) as decimal(24, 6)) as weight_low,
        cast(total * exp(log_width) as decimal(24, 6)) as weight_high,
        person_count >= $least_observations as is_reliable
    from with_widths
)

select * from survey_totals
order by total_kind, cell
