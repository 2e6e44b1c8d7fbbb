-- One row per respondent asked first in from_year with a known employer then:
-- whether it is the employer of a year later too, by the registers, and that of
-- the fifth interview. By the number as it is (raw), and corrected, where an
-- employer that is reached over links of the pairs of years that hold the two
-- days is the same (see core.employer_successors). An event on a reference day
-- is of the pair that ends with it. Null where no employer is known then.
with reference as (
    select to_char($reference_date, '%m%d') as reference_day
),

pairs as (
    select
        person_id,
        from_interview_date,
        from_employer_id,
        later_employer_id,
        to_employer_id,
        date_part('year', from_interview_date)
        - cast(to_char(from_interview_date, '%m%d') < reference_day as integer)
            as first_pair_year,
        date_part('year', later_date)
        - cast(to_char(later_date, '%m%d') <= reference_day as integer)
            as later_pair_year,
        date_part('year', to_interview_date)
        - cast(to_char(to_interview_date, '%m%d') <= reference_day as integer)
            as to_pair_year
    from core.survey_pairs
    cross join reference
    where scope_code = 'in_scope' and from_employer_id is not null
),

linked as (
    select
        pairs.person_id,
        pairs.from_interview_date,
        pairs.from_employer_id = pairs.later_employer_id as is_same_later,
        pairs.from_employer_id = pairs.to_employer_id as is_same,
        later_links.donor_id is not null as is_linked_later,
        to_links.donor_id is not null as is_linked
    from pairs
    left join core.employer_successors as later_links
        on
            pairs.first_pair_year = later_links.first_pair_year
            and pairs.later_pair_year = later_links.last_pair_year
            and pairs.from_employer_id = later_links.donor_id
            and pairs.later_employer_id = later_links.receiver_id
    left join core.employer_successors as to_links
        on
            pairs.first_pair_year = to_links.first_pair_year
            and pairs.to_pair_year = to_links.last_pair_year
            and pairs.from_employer_id = to_links.donor_id
            and pairs.to_employer_id = to_links.receiver_id
),

survey_employers as (
    select
        cast($year as integer) as from_year,
        person_id,
        from_interview_date,
        is_same_later as is_same_employer_later_raw,
        is_same_later or is_linked_later and is_same_later is not null
            as is_same_employer_later,
        is_same as is_same_employer_raw,
        is_same or is_linked and is_same is not null as is_same_employer
    from linked
)

select * from survey_employers
order by person_id nulls first, from_interview_date nulls first
