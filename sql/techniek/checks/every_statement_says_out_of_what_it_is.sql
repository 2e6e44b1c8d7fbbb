-- stop: every statement of the letter has a label of its denominator, and a family.
select
    finding,
    reading,
    sector_group,
    year
from out.findings
where
    coalesce(denominator_label, '') = ''
    or family not in ('register', 'survey')
