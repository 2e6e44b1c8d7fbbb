-- One row per period, base, reading of the function and destination: where
-- employees with a technical function in a technical sector are a year later,
-- of those who left that cell, and of those who changed job. The row unknown
-- counts whose destination is not known, or whether they left at all; it is in
-- no share.
with intervals as (
    select
        *,
        split_part(cell, ' ', 1) as base_reading,
        split_part(cell, ' ', 2) as function_reading,
        split_part(cell, ' ', 3) as destination
    from core.survey_intervals
    where estimate = 'leaver_destinations'
),

leaver_destinations as (
    select
        period,
        base_reading,
        function_reading,
        destination,
        outcome_weight as person_weight,
        base_weight,
        outcome_count as person_count,
        base_count,
        share as destination_share,
        share_low,
        share_high,
        effective_count,
        unknown_count,
        is_reliable
    from intervals
    where destination != 'other_function'
    union all
    select
        period,
        base_reading,
        function_reading,
        'unknown' as destination,
        unknown_weight as person_weight,
        base_weight,
        unknown_count as person_count,
        base_count,
        cast(null as decimal(9, 6)) as destination_share,
        cast(null as decimal(9, 6)) as share_low,
        cast(null as decimal(9, 6)) as share_high,
        effective_count,
        unknown_count,
        is_reliable
    from intervals
    where destination = 'other_function'
)

select
    *,
    base_count as unweighted_count,
    case base_reading
        when 'left_the_cell'
            then 'technicians in technical sectors who are no longer that a year'
                || ' later, destination known'
        else 'technicians in technical sectors with another employer or function'
            || ' a year later, destination known'
    end as denominator_label
from leaver_destinations
order by period, base_reading, function_reading, destination
