-- One row per from_year, source and quality: what registers say of successions
-- of employers (see core.employer_statements). Each from_year has all that was
-- delivered: what is said of other days is outside_the_pair. usable is said of
-- two employers within the pair and leads to no cycle; all else makes no link.
with statements as (
    select
        source_code,
        count(*) as statement_count
    from core.employer_statements
    group by source_code
),

of_the_pair as (
    select
        successions.source_code,
        coalesce(
            successions.fault_code,
            case when steps.is_cycle then 'cycle' else 'usable' end
        ) as quality_code,
        count(*) as statement_count
    from core.employer_successions as successions
    left join core.employer_steps as steps
        on
            successions.source_code = steps.source_code
            and successions.donor_id = steps.donor_id
            and successions.receiver_id = steps.receiver_id
            and successions.statement_date = steps.statement_date
    group by 1, 2
),

sums as (
    select
        source_code,
        sum(statement_count) as statement_count
    from of_the_pair
    group by source_code
),

counts as (
    select
        source_code,
        quality_code,
        statement_count
    from of_the_pair
    union all
    select
        statements.source_code,
        'outside_the_pair' as quality_code,
        statements.statement_count - coalesce(sums.statement_count, 0)
            as statement_count
    from statements
    left join sums
        on statements.source_code = sums.source_code
),

employer_statements as (
    select
        cast($year as integer) as from_year,
        source_code,
        quality_code,
        cast(statement_count as bigint) as statement_count,
        cast(statement_count as bigint) as unweighted_count,
        'statements delivered, of any day' as denominator_label
    from counts
)

select * from employer_statements
order by from_year, source_code, quality_code
