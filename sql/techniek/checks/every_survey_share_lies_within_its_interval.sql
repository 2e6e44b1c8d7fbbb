-- stop: every share of the survey lies within its interval, which lies within 0 and 1.
-- Of one household there is none.
select
    estimate,
    cell,
    period
from core.survey_intervals
where
    base_count > 0
    and (
        share is null
        or share_low < 0
        or share_high > 1
        or not share between share_low and share_high
        or household_count > 1
        and (share_low is null or share_high is null)
    )
