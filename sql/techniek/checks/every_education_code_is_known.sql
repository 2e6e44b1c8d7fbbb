-- warn: every level and field of education is on its list.
select
    education.year,
    education.education_level_code,
    education.education_field_code,
    count(*) as record_count
from staging.education as education
left join staging.education_levels as levels
    on education.education_level_code = levels.education_level_code
left join staging.education_fields as fields
    on education.education_field_code = fields.education_field_code
where
    education.education_level_code is not null
    and levels.education_level_code is null
    or education.education_field_code is not null
    and fields.education_field_code is null
group by
    education.year,
    education.education_level_code,
    education.education_field_code
