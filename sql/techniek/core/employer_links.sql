-- One row per from_year, employer and the other number under which it went on:
-- the rule that says so, and the moved persons' share of the donor's staff, of
-- the receiver's, and of who left the donor. A link is of its pair of years
-- alone, and goes from donor to receiver.
with evidence as (
    select
        donor_id,
        receiver_id,
        evidence_code,
        person_count,
        donor_count,
        receiver_count,
        leaver_count
    from core.employer_evidence
    where is_link
),

employer_links as (
    select
        cast($year as integer) as from_year,
        donor_id,
        receiver_id,
        evidence_code as rule_code,
        person_count,
        cast(
            cast(person_count as decimal(28, 10)) / donor_count
            as decimal(9, 6)
        ) as donor_share,
        cast(
            cast(person_count as decimal(28, 10)) / receiver_count
            as decimal(9, 6)
        ) as receiver_share,
        cast(
            cast(person_count as decimal(28, 10)) / leaver_count
            as decimal(9, 6)
        ) as cluster_share
    from evidence
)

select * from employer_links
order by donor_id nulls first, receiver_id nulls first
