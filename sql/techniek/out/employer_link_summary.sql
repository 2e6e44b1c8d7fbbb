-- One row per from_year, rule and size of the donor: pairs of employers between
-- which someone moved, and how many persons did. By rule where the one went on
-- as the other; else agency, below_headcount, clustered, chunky or scattered
-- (see core.employer_evidence). The size is persons of the pair at its start.
with evidence as (
    select
        evidence_code,
        person_count,
        case
            when donor_count < 5 then '1-4'
            when donor_count < 10 then '5-9'
            when donor_count < 50 then '10-49'
            when donor_count < 250 then '50-249'
            else '250+'
        end as size_class
    from core.employer_evidence
),

employer_link_summary as (
    select
        cast($year as integer) as from_year,
        evidence_code as rule_code,
        size_class,
        count(*) as link_count,
        cast(sum(person_count) as bigint) as person_count,
        cast(sum(person_count) as bigint) as unweighted_count,
        'who went from one known employer to another' as denominator_label
    from evidence
    group by evidence_code, size_class
)

select * from employer_link_summary
order by from_year, rule_code, size_class
