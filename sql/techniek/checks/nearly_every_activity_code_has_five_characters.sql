-- warn: no activity code of an employer lost a character.
select count(*) as employer_count
from staging.employers
where sbi_code is not null and sector_code is null
having count(*) > 0
