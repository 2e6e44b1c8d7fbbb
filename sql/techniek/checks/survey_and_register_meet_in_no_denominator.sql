-- stop: no statement divides weights of the survey by persons of the register or the other way round.
-- By its family a row of the register counts the persons that it tells, and one
-- of the survey has the weight and the count of a base of the survey. T9 and T1
-- count sectors.
with rows_without_base as (
    select
        findings.finding,
        findings.reading,
        findings.year,
        findings.family
    from out.findings as findings
    left anti join core.survey_intervals as intervals
        on
            findings.denominator = intervals.base_weight
            and findings.unweighted_count = intervals.base_count
    where findings.denominator is not null
)

select
    finding,
    reading,
    year
from rows_without_base
where family = 'survey' and finding != 'T1'
union all
select
    finding,
    reading,
    year
from out.findings
where
    family != 'survey'
    and (
        denominator != unweighted_count and finding != 'T9'
        or numerator != floor(numerator)
        or denominator != floor(denominator)
    )
